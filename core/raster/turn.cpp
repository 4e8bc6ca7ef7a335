#include "core/raster/turn.h"

#include <algorithm>

namespace fair::raster {

Turn::Turn(bool mirror, int quarters, std::int64_t n) {
  for (int q = 0; q < quarters; ++q) {
    // A quarter turn: what was the way down becomes the way to the right, starting from the lower left corner.
    x0 += x_down * (n - 1);
    y0 += y_down * (n - 1);
    const auto x = x_right;
    const auto y = y_right;
    x_right = -x_down;
    y_right = -y_down;
    x_down = x;
    y_down = y;
  }
  if (mirror) {
    x0 += x_right * (n - 1);
    y0 += y_right * (n - 1);
    x_right = -x_right;
    y_right = -y_right;
  }
}

Image turned(const ImageView& square, const Turn& turn) {
  const std::int64_t n = square.width;
  const auto channels = static_cast<std::ptrdiff_t>(square.channels);
  Image out{square.width, square.height, square.channels, std::vector<std::uint8_t>(static_cast<std::size_t>(n * n * channels)), {}};
  if (square.valid != nullptr) out.valid.resize(static_cast<std::size_t>(n * n));
  for (std::int64_t y = 0; y < n; ++y) {
    for (std::int64_t x = 0; x < n; ++x) {
      const std::int64_t from_x = turn.x0 + x * turn.x_right + y * turn.x_down;
      const std::int64_t from_y = turn.y0 + x * turn.y_right + y * turn.y_down;
      std::copy_n(square.data + from_y * square.stride + from_x * channels, channels, out.pixels.data() + (y * n + x) * channels);
      if (square.valid != nullptr) out.valid[static_cast<std::size_t>(y * n + x)] = square.valid[from_y * n + from_x];
    }
  }
  return out;
}

}  // namespace fair::raster
