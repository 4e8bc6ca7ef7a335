// A Shape's rings as polygons in pixel coordinates.
#pragma once

#include "core/vector/geometry.h"

namespace fair::vector {

/// One polygon a part, holes with their outer rings. Every polygon is valid by OGC's rules; parts touch each other in points at most.
[[nodiscard]] MultiPolygon to_polygons(const Shape& shape);

/// Area in pixels enclosed by the rings; equals shape.pixels.
[[nodiscard]] std::int64_t ring_area(const Shape& shape);

}  // namespace fair::vector
