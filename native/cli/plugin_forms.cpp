#include "native/cli/plugin_forms.h"

#include <algorithm>
#include <utility>

#include "core/plugin/conformance.h"
#include "native/io/atomic_file.h"
#include "native/plugins/node_check.h"
#include "native/plugins/open.h"
#include "native/plugins/static_form.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

/// A form's numbers, to be held against the other form's.
using Digests = std::vector<std::pair<std::string, std::string>>;

void check_loaded(const std::string& what, const fs::path& binary, const plugin::Manifest& manifest, const Result<plugin::LoadedPlugin>& loaded,
                  const PluginModels& models, PluginReport& report, Digests& digests) {
  if (!loaded) return report.faults(what, {loaded.error().message()});
  std::vector<std::string> faults;
  for (const std::string& lie : plugin::disagreements(manifest, loaded->description())) faults.push_back(lie + "; " + plugin::disagreement_hint);
  const auto conformance = plugin::check_conformance(*loaded, models.specs);
  faults.insert(faults.end(), conformance.faults.begin(), conformance.faults.end());
  report.either(what, faults, "conforms, " + std::to_string(conformance.checks) + " checks, " + sized(binary));
  if (faults.empty()) digests.emplace_back(what, plugin::digest(conformance));
}

void check_shared(const plugins::Found& found, const PluginModels& models, PluginReport& report, Digests& digests) {
  check_loaded("the shared form " + found.binary.string(), found.binary, found.manifest, plugins::open(found), models, report, digests);
}

void check_static(const plugins::Folder& folder, const PluginModels& models, PluginReport& report, Digests& digests) {
  const fs::path archive = plugins::static_form(folder);
  if (archive.empty())
    return report.skipped("the static form", "there is no libfair_plugin_" + folder.manifest.name + ".a: cmake -B build && cmake --build build");
  const std::string what = "the static form " + archive.string();
  const auto compiler = plugins::compiler_of(archive.parent_path());
  const auto loaded =
      compiler ? plugins::open_static(archive, folder.manifest.name, *compiler) : Result<plugin::LoadedPlugin>(fail(compiler.error()));
  if (!loaded && loaded.error().code == Code::unsupported) return report.skipped(what, loaded.error().message());
  check_loaded(what, archive, folder.manifest, loaded, models, report, digests);
}

/// Browsers download it before anything happens.
constexpr std::uintmax_t most_wasm_bytes = 1U << 20U;

void check_wasm(const plugins::Found& found, const PluginModels& models, PluginReport& report, Digests& digests) {
  const std::string what = "the browsers' form " + found.binary.string();
  const auto checked = plugins::check_in_node(found, models.items);
  if (!checked && (checked.error().code == Code::unsupported || checked.error().code == Code::not_found)) {
    return report.skipped(what, checked.error().message());
  }
  if (!checked) return report.faults(what, {checked.error().message()});
  std::vector<std::string> faults = checked->faults;
  std::error_code error;
  if (fs::file_size(found.binary, error) > most_wasm_bytes) {
    faults.push_back(sized(found.binary) + ", more than 1 MB: leave out what a browser does not need, build with CMAKE_BUILD_TYPE=Release");
  }
  report.either(what, faults, "conforms in node, " + std::to_string(checked->checks) + " checks, " + sized(found.binary));
  if (faults.empty()) digests.emplace_back(what, checked->digest);
}

}  // namespace

PluginModels models_of(const plugins::Folder& folder) {
  PluginModels out;
  for (const fs::path& path : folder.items) {  // those at fault are told by their own line
    const auto text = io::read_whole(path, JsonLimits{}.max_bytes + 1);
    auto document = text ? parse_json(*text, path.string()) : Result<Json>(fail(text.error()));
    const auto item = document ? stac::Item::from_json(std::move(*document), path.string()) : Result<stac::Item>(fail(document.error()));
    const auto spec = item ? stac::ModelSpec::from_item(*item) : Result<stac::ModelSpec>(fail(item.error()));
    if (!spec) continue;
    out.items.push_back(path);
    out.specs.push_back(*spec);
  }
  return out;
}

bool is_wasm(const plugins::Found& found) { return found.manifest.platform.rfind("wasm32", 0) == 0; }

void check_forms(const std::vector<plugins::Found>& forms, const plugins::Folder* folder, const PluginModels& models, PluginReport& report) {
  Digests digests;
  if (folder != nullptr) check_static(*folder, models, report, digests);
  for (const plugins::Found& form : forms) is_wasm(form) ? check_wasm(form, models, report, digests) : check_shared(form, models, report, digests);
  if (digests.size() < 2) return;
  const bool equal = std::all_of(digests.begin(), digests.end(), [&](const auto& d) { return d.second == digests.front().second; });
  report.either("equal numbers in every form",
                equal
                    ? std::vector<std::string>{}
                    : std::vector<std::string>{"the forms give different numbers: use sdk_math.h instead of the C library's functions, and build all "
                                               "forms of the same sources"},
                digests.front().second);
}

}  // namespace fair::cli
