// The forms of a plugin held to the contract by one suite, and to each other.
#pragma once

#include <vector>

#include "core/stac/model_spec.h"
#include "native/cli/plugin_report.h"
#include "native/plugins/folder.h"

namespace fair::cli {

/// The models a plugin is held to the contract with: those of its folder that can be read. Bare binaries have none.
struct PluginModels {
  std::vector<std::filesystem::path> items;
  std::vector<stac::ModelSpec> specs;
};

/// Those of a folder.
[[nodiscard]] PluginModels models_of(const plugins::Folder& folder);

[[nodiscard]] bool is_wasm(const plugins::Found& found);

/// A line a form, and one that says whether all give the same numbers. `folder`, where the forms are of one, has the static form too.
void check_forms(const std::vector<plugins::Found>& forms, const plugins::Folder* folder, const PluginModels& models, PluginReport& report);

}  // namespace fair::cli
