#include "native/cli/version.h"

#if FAIR_HAS_GDAL
#include <gdal_version.h>
#endif

namespace fair::cli {
namespace {

Json given(const char* text) { return *text == '\0' ? Json(nullptr) : Json(text); }

}  // namespace

Json version() {
  Json out;
  out["version"] = FAIR_VERSION;
  out["compiler"] = FAIR_COMPILER;
#if FAIR_HAS_GDAL
  out["gdal"] = GDAL_RELEASE_NAME;
#else
  out["gdal"] = nullptr;
#endif
  out["onnxruntime"] = given(FAIR_ONNXRUNTIME_VERSION);
  out["libtorch"] = given(FAIR_LIBTORCH_VERSION);
  out["curl"] = given(FAIR_CURL_VERSION);
  return out;
}

std::string version_text() {
  const Json facts = version();
  std::string out = "fair " + facts["version"].get<std::string>() + "\n";
  for (const auto& [key, value] : facts.items()) {
    if (key == "version") continue;
    out += "  " + key + std::string(13 - key.size(), ' ') + (value.is_null() ? "left out of this build" : value.get<std::string>()) + "\n";
  }
  return out;
}

}  // namespace fair::cli
