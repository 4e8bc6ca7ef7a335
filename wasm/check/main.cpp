// Holds the browser's form of a plugin to the contract, in node: what `fair plugins check` runs where there is one.
// usage: node fair_check.js NAME.wasm NAME.plugin.json [ITEM.json …]     one JSON document on standard output; status 0 where it conforms, 3 where
// not
#include <dlfcn.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "core/plugin/conformance.h"
#include "core/plugin/manifest.h"
#include "core/stac/item.h"
#include "core/stac/model_spec.h"

namespace {

using fair::Json;

fair::Result<Json> document(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return fair::parse_json(text, path);
}

fair::Result<fair::plugin::Conformance> checked(const std::string& binary, const std::string& manifest_path, const std::vector<std::string>& items) {
  using namespace fair::plugin;
  FAIR_TRY_ASSIGN(const Json json, document(manifest_path));
  FAIR_TRY_ASSIGN(const Manifest manifest, Manifest::from_json(json, manifest_path));
  FAIR_TRY(manifest.fits(FAIR_PLATFORM, manifest_path));
  std::ifstream file(binary, std::ios::binary);
  if (!file)
    return fair::fail(fair::Code::not_found, manifest_path, "its side module " + binary + " beside it", "none", "install both files together");
  std::array<char, 4> magic{};
  file.read(magic.data(), magic.size());
  if (magic != std::array<char, 4>{'\0', 'a', 's', 'm'}) {
    return fair::fail(fair::Code::invalid, binary, "a side module", "a file of another kind", "build the plugin again");
  }
  void* library = ::dlopen(binary.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = ::dlerror();
    // Its first line names the file once more.
    const std::string said = why != nullptr ? why : "one that cannot";
    return fair::fail(fair::Code::unsupported, binary, "a side module that can be loaded", said.substr(said.find('\n') + 1),
                      "build it with add_model_plugin, against this version's SDK");
  }
  const std::string symbol = "fair_plugin_" + manifest.name;
  const auto entry = reinterpret_cast<fair_plugin_entry>(::dlsym(library, symbol.c_str()));
  if (entry == nullptr) {
    return fair::fail(fair::Code::invalid, binary, "an export " + symbol, "none of that name",
                      "write FAIR_EXPORT_PLUGIN(" + manifest.name + ", …) once");
  }
  FAIR_TRY_ASSIGN(const LoadedPlugin loaded, LoadedPlugin::take(entry, binary));
  std::vector<fair::stac::ModelSpec> specs;
  for (const std::string& path : items) {
    FAIR_TRY_ASSIGN(Json item_document, document(path));
    FAIR_TRY_ASSIGN(const auto item, fair::stac::Item::from_json(std::move(item_document), path));
    FAIR_TRY_ASSIGN(auto spec, fair::stac::ModelSpec::from_item(item));
    specs.push_back(std::move(spec));
  }
  Conformance out = check_conformance(loaded, specs);
  for (const std::string& lie : disagreements(manifest, loaded.description())) out.faults.push_back(lie + "; " + disagreement_hint);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: fair_check.js NAME.wasm NAME.plugin.json [ITEM.json ...]\n", stderr);
    return 2;
  }
  const auto done = checked(argv[1], argv[2], {argv + 3, argv + argc});
  Json answer{{"faults", Json::array()}, {"checks", 0}, {"digest", ""}};
  if (done) answer = {{"faults", done->faults}, {"checks", done->checks}, {"digest", fair::plugin::digest(*done)}};
  else answer["faults"].push_back(done.error().message());
  std::puts(answer.dump().c_str());
  std::fflush(stdout);
  return done && done->faults.empty() ? 0 : 3;
}
