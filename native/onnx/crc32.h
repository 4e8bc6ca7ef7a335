// CRC-32 as zip files have it.
#pragma once

#include <cstdint>
#include <string_view>

namespace fair::onnx {

/// The checksum with polynomial 0xEDB88320 (reflected), all bits inverted before and after.
[[nodiscard]] std::uint32_t crc32(std::string_view bytes);

}  // namespace fair::onnx
