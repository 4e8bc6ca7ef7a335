// Thinning: what is left of a shape when its border is taken off until only lines remain.
#pragma once

#include <cstdint>
#include <vector>

#include "core/vector/detail/pixel_rows.h"

namespace fair::vector {

/// The shape's skeleton in row-major order: one pixel wide, 8-connected, as connected and with the same holes as the shape.
/// Parallel thinning in two alternating passes (Guo and Hall, Communications of the ACM 32, 1989), so that it does not depend on the order in
/// which pixels are looked at, then what is still two wide at steps is taken off in row-major order. Integers only. Holds a byte a pixel.
[[nodiscard]] std::vector<Pixel> thin(const PixelRows& rows);

}  // namespace fair::vector
