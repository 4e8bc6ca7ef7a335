// Shapes traced in a mask that was pushed column by column, as if it had been pushed row by row.
#pragma once

#include "core/vector/geometry.h"

namespace fair::vector {

/// Swaps x and y, and brings winding, ring starts, the order of rings and the first pixel back to what the polygonizer would have given.
[[nodiscard]] Shape transposed(Shape shape);

}  // namespace fair::vector
