// What people name instead of a path: an address of the web or of a bucket.
#pragma once

#include <string>

namespace fair::store {

/// "s3://…", "http://…" or "https://…".
[[nodiscard]] bool is_address(const std::string& text);

/// As it may be kept: what signs an address lets whoever reads it in. Other queries stay; they may say which file is meant.
[[nodiscard]] std::string unsigned_address(const std::string& address);

}  // namespace fair::store
