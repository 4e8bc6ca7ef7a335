#include "core/vector/label_point.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <queue>

#include "core/vector/validity.h"

namespace fair::vector {
namespace {

/// Distance to the nearest side, negative outside.
double clearance(const Polygon& polygon, Point p) {
  bool inside = false;
  double best = -1;
  for (const Ring& ring : polygon) {
    if (contains(ring, p)) inside = !inside;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
      const double dx = ring[i].x - ring[j].x;
      const double dy = ring[i].y - ring[j].y;
      const double length2 = dx * dx + dy * dy;
      const double t = length2 > 0 ? std::clamp(((p.x - ring[j].x) * dx + (p.y - ring[j].y) * dy) / length2, 0.0, 1.0) : 0.0;
      const double ex = ring[j].x + t * dx - p.x;
      const double ey = ring[j].y + t * dy - p.y;
      const double d = ex * ex + ey * ey;
      if (best < 0 || d < best) best = d;
    }
  }
  return inside ? std::sqrt(best) : -std::sqrt(best);
}

/// A square that may hold the best point: nothing in it can be clearer than `bound`.
struct Cell {
  Point centre;
  double half, clear, bound;
};
struct ByBound {
  bool operator()(const Cell& a, const Cell& b) const {
    if (a.bound != b.bound) return a.bound < b.bound;
    return a.centre.y != b.centre.y ? a.centre.y > b.centre.y : a.centre.x > b.centre.x;
  }
};

Cell cell_at(const Polygon& polygon, Point centre, double half) {
  const double clear = clearance(polygon, centre);
  return {centre, half, clear, clear + half * 1.4142135623730951};
}

}  // namespace

Point label_point(const Polygon& polygon, double precision) {
  const Box box = box_of(polygon[0]);
  const double side = std::min(box.x1 - box.x0, box.y1 - box.y0);
  const double half = side / 2;
  Cell best = cell_at(polygon, {(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2}, 0);
  if (!(side > 0)) return best.centre;
  std::priority_queue<Cell, std::vector<Cell>, ByBound> cells;
  const auto columns = static_cast<std::int64_t>(std::ceil((box.x1 - box.x0) / side));
  const auto rows = static_cast<std::int64_t>(std::ceil((box.y1 - box.y0) / side));
  for (std::int64_t column = 0; column < columns; ++column) {
    for (std::int64_t row = 0; row < rows; ++row) {
      cells.push(cell_at(polygon, {box.x0 + static_cast<double>(column) * side + half, box.y0 + static_cast<double>(row) * side + half}, half));
    }
  }
  while (!cells.empty()) {
    const Cell cell = cells.top();
    cells.pop();
    if (cell.clear > best.clear) best = cell;
    if (cell.bound - best.clear <= precision) break;
    const double h = cell.half / 2;
    for (const int dx : {-1, 1}) {
      for (const int dy : {-1, 1}) cells.push(cell_at(polygon, {cell.centre.x + dx * h, cell.centre.y + dy * h}, h));
    }
  }
  return best.centre;
}

}  // namespace fair::vector
