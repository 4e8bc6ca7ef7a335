// Columns of text for a person.
#pragma once

#include <string>
#include <vector>

namespace fair::cli {

/// Rows under a heading, each column as wide as its widest cell (counted in characters, not bytes).
[[nodiscard]] std::string table(const std::vector<std::string>& heading, const std::vector<std::vector<std::string>>& rows);

}  // namespace fair::cli
