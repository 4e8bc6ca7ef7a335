// How much of each pixel a polygon covers.
#pragma once

#include <cstdint>
#include <functional>

#include "core/vector/geometry.h"

namespace fair::draw {

/// Pixels of one row from column `x` on; `share` holds `count` values from 0 to 1.
using CoverRow = std::function<void(std::int32_t x, std::int32_t y, const double* share, std::int32_t count)>;

/// Even-odd, clipped to width x height; four scan lines a pixel, exact along them. Coordinates are pixels, (0, 0) the upper left corner.
void cover(const vector::Polygon& polygon, std::int32_t width, std::int32_t height, const CoverRow& row);

}  // namespace fair::draw
