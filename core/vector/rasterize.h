// Polygons -> mask: how labels are burnt for training and predictions for evaluation.
#pragma once

#include <cstdint>

#include "core/vector/geometry.h"

namespace fair::vector {

/// Sets `value` in `mask` (height rows of width, row-major) where a pixel's centre lies inside the polygon by the even-odd rule.
/// Coordinates are pixels, (0,0) the mask's upper left corner; parts outside are clipped. A centre on an edge belongs to the polygon
/// right of or below it, so polygons that share an edge share no pixel. Gives the number of pixels set. T: std::uint8_t, std::uint16_t or
/// std::int32_t.
template <class T>
std::int64_t rasterize(const Polygon& polygon, T value, T* mask, std::int32_t width, std::int32_t height);

}  // namespace fair::vector
