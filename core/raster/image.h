// Pixels as they come from imagery.
#pragma once

#include <cstdint>
#include <vector>

namespace fair::raster {

/// Non-owning, interleaved (height, width, channels) 8-bit pixels. `stride` is bytes from row to row.
struct ImageView {
  const std::uint8_t* data = nullptr;
  std::int32_t width = 0, height = 0, channels = 0;
  std::int64_t stride = 0;
  const std::uint8_t* valid = nullptr;  ///< width*height, 0 = no data; null = all valid
};

/// Owns what ImageView shows.
struct Image {
  std::int32_t width = 0, height = 0, channels = 0;
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> valid;  ///< empty = all valid

  [[nodiscard]] ImageView view() const {
    return {pixels.data(), width, height, channels, static_cast<std::int64_t>(width) * channels, valid.empty() ? nullptr : valid.data()};
  }
};

}  // namespace fair::raster
