// The version extension's links between items of one collection (https://github.com/stac-extensions/version, 1.2.0).
#pragma once

#include <string>

#include "core/stac/item.h"

namespace fair::catalog {

inline constexpr const char* predecessor = "predecessor-version";
inline constexpr const char* successor = "successor-version";
inline constexpr const char* latest = "latest-version";

/// The id of the item that a version link points to, or "" where there is no such link.
[[nodiscard]] std::string linked(const stac::Item& item, const std::string& rel);
/// Points the link to the item `id` of the same collection; "" takes the link away.
void point(stac::Item& item, const std::string& rel, const std::string& id);

}  // namespace fair::catalog
