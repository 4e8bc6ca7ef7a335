// Files that a person names by an address.
#pragma once

#include <filesystem>
#include <string>

#include "native/cli/context.h"

namespace fair::cli {

/// "s3://…", "http://…" or "https://…".
[[nodiscard]] bool is_address(const std::string& given);
/// `given` where it is a path; the file or folder that an address stands for, brought to this machine: below the workspace where there is one, else
/// in the person's cache.
[[nodiscard]] Result<std::filesystem::path> on_this_machine(const Context& context, const std::string& given);

/// Whether everybody can read what a published http(s) address names: its first byte is asked for. Errors name the address.
Result<> reachable(const std::string& address);

}  // namespace fair::cli
