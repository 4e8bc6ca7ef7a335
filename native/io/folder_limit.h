// Caches that do not grow for ever.
#pragma once

#include <cstdint>
#include <filesystem>

namespace fair::io {

/// Removes files below a folder, those written longest ago first, until `most_bytes` are left. `keep` stays, whatever its size. What cannot be
/// removed is left.
void keep_newest(const std::filesystem::path& folder, std::uint64_t most_bytes, const std::filesystem::path& keep = {});

}  // namespace fair::io
