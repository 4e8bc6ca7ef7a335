// Where a model's windows lie on imagery larger than the model's input.
#pragma once

#include <cstdint>

#include "core/raster/resample.h"

namespace fair::raster {

/// Windows of equal size along one axis, neighbours sharing at least `overlap` pixels. The last one is moved inside the extent;
/// an extent smaller than a window has one window, which reaches past its end.
struct WindowAxis {
  std::int64_t extent = 0;   ///< pixels covered
  std::int32_t size = 256;   ///< pixels a window
  std::int32_t overlap = 0;  ///< pixels, less than size

  [[nodiscard]] std::int32_t stride() const { return size - overlap; }
  [[nodiscard]] std::int64_t count() const;
  /// First pixel of window i.
  [[nodiscard]] std::int64_t start(std::int64_t i) const;
  /// The pixels of window i that exist.
  [[nodiscard]] Span span(std::int64_t i) const;
  /// The first pixel that no window up to i - 1 is the last one to see: pixels before it change no more once window i - 1 is in.
  [[nodiscard]] std::int64_t settled_before(std::int64_t i) const;
};

/// Index of a pixel mirrored into [0, extent) without repeating the edge pixel: -1 -> 1, extent -> extent - 2.
[[nodiscard]] std::int64_t mirrored(std::int64_t i, std::int64_t extent);

}  // namespace fair::raster
