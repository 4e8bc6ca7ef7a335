#include "core/pipeline/area.h"

#include <algorithm>
#include <utility>

#include "core/geo/transform.h"
#include "core/vector/rasterize.h"

namespace fair::pipeline {
namespace {

/// The polygon with its rows counted from `first`.
vector::Polygon raised(vector::Polygon polygon, double first) {
  for (vector::Ring& ring : polygon) {
    for (vector::Point& point : ring) point.y -= first;
  }
  return polygon;
}

/// Even-odd, over all rings.
bool inside(const vector::Polygon& polygon, double x, double y) {
  bool in = false;
  for (const vector::Ring& ring : polygon) {
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
      const vector::Point& a = ring[i];
      const vector::Point& b = ring[j];
      if ((a.y > y) != (b.y > y) && x < a.x + (b.x - a.x) * ((y - a.y) / (b.y - a.y))) in = !in;
    }
  }
  return in;
}

}  // namespace

Area::Area(const ScanPlan& plan, const vector::MultiPolygon& degrees)
    : across_(static_cast<std::int32_t>(plan.across().extent)), transposed_(plan.transposed), polygons_(degrees) {
  for (vector::Polygon& polygon : polygons_) {
    for (vector::Ring& ring : polygon) {
      for (vector::Point& point : ring) {
        const geo::Place at = geo::place_of(plan.grid.crs, {point.x, point.y});
        const geo::Place pixel = geo::apply(plan.to_pixel, at.x, at.y);
        point = transposed_ ? vector::Point{pixel.y, pixel.x} : vector::Point{pixel.x, pixel.y};
      }
    }
  }
}

void Area::cut(std::int64_t first, std::int32_t rows, std::uint8_t* mask) {
  if (polygons_.empty()) return;
  inside_.assign(static_cast<std::size_t>(across_) * static_cast<std::size_t>(rows), 0);
  for (const vector::Polygon& polygon : polygons_) {
    vector::rasterize<std::uint8_t>(raised(polygon, static_cast<double>(first)), 1, inside_.data(), across_, rows);
  }
  for (std::size_t i = 0; i < inside_.size(); ++i) mask[i] = inside_[i] != 0 ? mask[i] : std::uint8_t{0};
}

bool Area::holds(double x, double y) const {
  if (transposed_) std::swap(x, y);
  return polygons_.empty() || std::any_of(polygons_.begin(), polygons_.end(), [&](const vector::Polygon& p) { return inside(p, x, y); });
}

}  // namespace fair::pipeline
