// Where the package keeps what it reads at run time.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"

namespace fair::plugins {

/// A folder below share/fair-edge beside this program ("template", "wasm"), or of FAIR_SHARE where that is set. Code::not_found names what was
/// sought.
[[nodiscard]] Result<std::filesystem::path> share_folder(const std::string& name);

/// The folder that people's own plugins are installed into: $XDG_DATA_HOME/fair-edge/plugins, else ~/.local/share/fair-edge/plugins; "" without
/// either variable.
[[nodiscard]] std::filesystem::path own_plugins_folder();

}  // namespace fair::plugins
