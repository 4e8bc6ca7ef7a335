// A point well inside a polygon, where a label would stand.
#pragma once

#include "core/vector/geometry.h"

namespace fair::vector {

/// The inside point farthest from the polygon's sides, found to within `precision` (same units as the polygon).
[[nodiscard]] Point label_point(const Polygon& polygon, double precision);

}  // namespace fair::vector
