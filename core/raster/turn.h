// One of the eight ways to lay a square.
#pragma once

#include <cstdint>

#include "core/raster/image.h"

namespace fair::raster {

/// Where output pixel (0, 0) of a square of n pixels comes from, and the steps to its neighbours.
struct Turn {
  std::int64_t x0 = 0, y0 = 0, x_right = 1, y_right = 0, x_down = 0, y_down = 1;

  /// Turned by `quarters` quarters, then mirrored left to right.
  Turn(bool mirror, int quarters, std::int64_t n);

  /// In rows of `width` pixels: the place that the first pixel of output row y comes from, and the step from one pixel of that row to the next.
  [[nodiscard]] std::int64_t row(std::int64_t y, std::int64_t width) const { return (y0 + y * y_down) * width + x0 + y * x_down; }
  [[nodiscard]] std::int64_t step(std::int64_t width) const { return y_right * width + x_right; }
};

/// A square picture, turned; with what is imagery of it.
[[nodiscard]] Image turned(const ImageView& square, const Turn& turn);

}  // namespace fair::raster
