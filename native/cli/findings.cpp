#include "native/cli/findings.h"

namespace fair::cli {

std::string text_of(const stac::Findings& findings) {
  std::string out;
  for (const stac::Finding& f : findings) {
    out += std::string("  ") + (f.severity == stac::Severity::error ? "error" : "warning") + " at " + (f.pointer.empty() ? "/" : f.pointer) + " [" +
           f.rule + "]\n";
    out += "    found: " + f.found + "\n";
    if (!f.hint.empty()) out += "    do:    " + f.hint + "\n";
  }
  return out;
}

Json json_of(const stac::Findings& findings) {
  Json out = Json::array();
  for (const stac::Finding& f : findings) out.push_back(f.to_json());
  return out;
}

}  // namespace fair::cli
