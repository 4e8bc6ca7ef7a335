// The base models that built-in plugins bring: their graphs written as files, their items pointed at them.
#pragma once

#include <string>
#include <vector>

#include "core/stac/item.h"
#include "native/store/workspace.h"

namespace fair::launch {

/// Ids of the built-in base models, by plugin name; "" means of all plugins. Empty for an unknown plugin.
[[nodiscard]] std::vector<std::string> built_in_models(const std::string& plugin);

/// The item of one as its plugin brings it, with hrefs that stand for files to be placed. Code::not_found for an unknown id.
[[nodiscard]] Result<stac::Item> built_in_item(const std::string& id);

/// Writes model.onnx and checkpoint.pt of one below artifacts/base-models/<id>/ and gives its item with hrefs to them; registers nothing.
/// The same files every time. Code::not_found for an unknown id.
[[nodiscard]] Result<stac::Item> place_base_model(const store::Workspace& workspace, const std::string& id);

}  // namespace fair::launch
