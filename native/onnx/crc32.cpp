#include "native/onnx/crc32.h"

#include <array>
#include <cstddef>

namespace fair::onnx {

// Eight bytes a step: table k holds what a byte does k bytes later.
std::uint32_t crc32(std::string_view bytes) {
  static const auto tables = [] {
    std::array<std::array<std::uint32_t, 256>, 8> t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t c = i;
      for (int k = 0; k < 8; ++k) c = (c & 1U) != 0 ? 0xEDB88320U ^ (c >> 1U) : c >> 1U;
      t[0][i] = c;
    }
    for (std::size_t k = 1; k < t.size(); ++k) {
      for (std::size_t i = 0; i < 256; ++i) t[k][i] = (t[k - 1][i] >> 8U) ^ t[0][t[k - 1][i] & 0xFFU];
    }
    return t;
  }();
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
  std::uint32_t c = 0xFFFFFFFFU;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    const std::uint32_t low = c ^ (byte(at) | byte(at + 1) << 8U | byte(at + 2) << 16U | byte(at + 3) << 24U);
    c = tables[7][low & 0xFFU] ^ tables[6][(low >> 8U) & 0xFFU] ^ tables[5][(low >> 16U) & 0xFFU] ^ tables[4][low >> 24U] ^ tables[3][byte(at + 4)] ^
        tables[2][byte(at + 5)] ^ tables[1][byte(at + 6)] ^ tables[0][byte(at + 7)];
  }
  for (; at < bytes.size(); ++at) c = tables[0][(c ^ byte(at)) & 0xFFU] ^ (c >> 8U);
  return c ^ 0xFFFFFFFFU;
}

}  // namespace fair::onnx
