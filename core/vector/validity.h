// Whether rings make a valid polygon, and whether two polygons overlap.
#pragma once

#include "core/vector/geometry.h"

namespace fair::vector {

struct Box {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
};
[[nodiscard]] Box box_of(const Ring& ring);
[[nodiscard]] bool meet(const Box& a, const Box& b);

/// Twice the signed area; positive when the ring turns from +x towards +y.
[[nodiscard]] double twice_area(const Ring& ring);
[[nodiscard]] bool contains(const Ring& ring, Point p);

/// True when every ring is simple, no two rings cross or run along each other, and holes lie inside. Rings may share single corners.
[[nodiscard]] bool is_valid(const Polygon& polygon);
/// True when the outer rings cross, or one lies in the other.
[[nodiscard]] bool overlap(const Ring& a, const Ring& b);

}  // namespace fair::vector
