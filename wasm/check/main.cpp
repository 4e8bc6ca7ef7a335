// Holds the browser's form of a plugin to the contract, in node: what `fair plugins check` runs where there is one.
// usage: node fair_check.js NAME.wasm NAME.plugin.json     one JSON document on standard output; status 0 where it conforms, 3 where not
#include <dlfcn.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "core/plugin/conformance.h"
#include "core/plugin/manifest.h"

namespace {

using fair::Json;

fair::Result<fair::plugin::Conformance> checked(const std::string& binary, const std::string& manifest_path) {
  using namespace fair::plugin;
  std::ifstream in(manifest_path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  FAIR_TRY_ASSIGN(const Json json, fair::parse_json(text, manifest_path));
  FAIR_TRY_ASSIGN(const Manifest manifest, Manifest::from_json(json, manifest_path));
  FAIR_TRY(manifest.fits(FAIR_PLATFORM, manifest_path));
  void* library = ::dlopen(binary.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = ::dlerror();
    return fair::fail(fair::Code::unsupported, binary, "a side module that can be loaded", why != nullptr ? why : "one that cannot",
                      "build it with add_model_plugin, against this version's SDK");
  }
  const std::string symbol = "fair_plugin_" + manifest.name;
  const auto entry = reinterpret_cast<fair_plugin_entry>(::dlsym(library, symbol.c_str()));
  if (entry == nullptr) {
    return fair::fail(fair::Code::invalid, binary, "an export " + symbol, "none of that name",
                      "write FAIR_EXPORT_PLUGIN(" + manifest.name + ", …) once");
  }
  FAIR_TRY_ASSIGN(const LoadedPlugin loaded, LoadedPlugin::take(entry, binary));
  FAIR_TRY_ASSIGN(const auto spec, example_spec(loaded.description()));
  Conformance out = check_conformance(loaded, spec);
  for (std::string& fault : disagreements(manifest, loaded.description())) out.faults.push_back(std::move(fault));
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: fair_check.js NAME.wasm NAME.plugin.json\n", stderr);
    return 2;
  }
  const auto done = checked(argv[1], argv[2]);
  Json answer{{"faults", Json::array()}, {"checks", 0}, {"digest", ""}};
  if (done) answer = {{"faults", done->faults}, {"checks", done->checks}, {"digest", fair::plugin::digest(*done)}};
  else answer["faults"].push_back(done.error().message());
  std::puts(answer.dump().c_str());
  std::fflush(stdout);
  return done && done->faults.empty() ? 0 : 3;
}
