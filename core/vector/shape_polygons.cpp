#include "core/vector/shape_polygons.h"

#include <utility>

namespace fair::vector {

MultiPolygon to_polygons(const Shape& shape) {
  MultiPolygon polygons;
  polygons.reserve(shape.parts.size());
  for (std::size_t p = 0; p < shape.parts.size(); ++p) {
    const std::size_t end = p + 1 < shape.parts.size() ? shape.parts[p + 1] : shape.rings.size();
    Polygon polygon;
    polygon.reserve(end - shape.parts[p]);
    for (std::size_t r = shape.parts[p]; r < end; ++r) {
      Ring ring;
      ring.reserve(shape.rings[r].size());
      for (const Corner& corner : shape.rings[r]) ring.push_back(Point{static_cast<double>(corner.x), static_cast<double>(corner.y)});
      polygon.push_back(std::move(ring));
    }
    polygons.push_back(std::move(polygon));
  }
  return polygons;
}

std::int64_t ring_area(const Shape& shape) {
  std::int64_t twice = 0;
  for (const auto& ring : shape.rings) {
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
      twice += static_cast<std::int64_t>(ring[j].x) * ring[i].y - static_cast<std::int64_t>(ring[i].x) * ring[j].y;
    }
  }
  return twice / 2;
}

}  // namespace fair::vector
