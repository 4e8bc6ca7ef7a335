// A quick hash that notices damaged data. It is no defence against somebody who wants to deceive.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fair::io {

/// 64 bits over `size` bytes, the same on every little-endian machine; several GB a second.
[[nodiscard]] std::uint64_t content_hash(const void* data, std::size_t size, std::uint64_t seed = 0);

}  // namespace fair::io
