// Fewer corners within a tolerance; borders that two shapes share come out the same on both sides.
#pragma once

#include <vector>

#include "core/vector/geometry.h"

namespace fair::vector {

/// Metres of one pixel step to the right and down, for tolerances on grids whose pixels are not square on the ground.
struct PixelSize {
  double across = 1, down = 1;
};

/// Indices into `ring`, ascending, of the corners that stay (Douglas-Peucker between fixed corners). Junctions stay; a ring without any
/// is fixed at its topmost-leftmost corner and the one farthest from it. No corner that goes lies more than `tolerance` metres from
/// what stays. The answer depends on the corners alone, not on the ring's direction or start.
[[nodiscard]] std::vector<std::size_t> simplify(const std::vector<Corner>& ring, PixelSize pixel, double tolerance);

/// The points of a line that stay (Douglas-Peucker in metres); its ends do. A line that ends where it begins keeps the point farthest from there too.
[[nodiscard]] std::vector<Point> simplify_line(const std::vector<Point>& line, PixelSize pixel, double tolerance);

}  // namespace fair::vector
