// The static form of a plugin, as it lies in the folder it was built in.
#pragma once

#include <string>

#include "core/plugin/host.h"
#include "native/plugins/folder.h"

namespace fair::plugins {

/// libfair_plugin_<name>.a of a native build beside the plugin's sources; "" where there is none.
[[nodiscard]] std::filesystem::path static_form(const Folder& folder);

/// The compiler that a CMake build folder was configured with. Errors: it does not say.
[[nodiscard]] Result<std::string> compiler_of(const std::filesystem::path& build);

/// Links the archive alone into a shared object that is gone afterwards, and opens that: what is tried is the static form's own code. Errors:
/// Code::unsupported where it could not be tried (no such compiler, or the plugin wants other libraries beside it), else what is wrong.
[[nodiscard]] Result<plugin::LoadedPlugin> open_static(const std::filesystem::path& archive, const std::string& name, const std::string& compiler);

}  // namespace fair::plugins
