// The lines along the middle of a long shape: what a mapper draws for a road or a stream.
#pragma once

#include <cstdint>
#include <vector>

#include "core/vector/geometry.h"
#include "core/vector/simplify.h"

namespace fair::vector {

/// One line between ends and junctions.
struct CentreLine {
  std::vector<Point> points;  ///< pixel coordinates; a ring repeats its first point at the end
  Pixel first{};              ///< its first pixel in row-major order: no other line of the mask has it
  double share = 0;           ///< of the shape's pixels, 0..1: those nearer to this line than to another of the shape
};

/// The centre-lines of one shape, ordered by `first`, each running from the end that comes first in row-major order. Lines that meet share their
/// end point; free ends reach to the shape's border. Stubs that stick out of a line by less than about three quarters of its width, and holes
/// smaller than a square of the shape's mean width, are taken for a ragged border. A shape less than one and a half times as long as it is wide
/// has no direction and gives nothing. Simplified to `tolerance` metres, or a pixel or three twentieths of the width where that is more: the
/// mask knows no better. The whole shape is held while this runs, in about four bytes a pixel and forty a pixel of its border, whatever the box
/// around it; time grows with its pixels. Compares and adds in one order, so it gives the same everywhere.
[[nodiscard]] std::vector<CentreLine> centre_lines(const Shape& shape, PixelSize pixel, double tolerance);

}  // namespace fair::vector
