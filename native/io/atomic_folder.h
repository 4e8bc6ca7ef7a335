// A folder that appears whole or not at all.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace fair::io {

/// Has `fill` write into a hidden folder beside `path`, which is then renamed into place; where that fails nothing is left. Code::conflict where
/// there is something at `path`, with `hint`. Gives the paths of its files, relative to it and sorted.
[[nodiscard]] Result<std::vector<std::string>> write_folder(const std::filesystem::path& path, const std::string& hint,
                                                            const std::function<Result<>(const std::filesystem::path& folder)>& fill);

/// Every file below a folder, relative to it and sorted. Code::io.
[[nodiscard]] Result<std::vector<std::string>> files_below(const std::filesystem::path& folder);

}  // namespace fair::io
