#include "core/vector/rasterize.h"

#include <algorithm>
#include <vector>

namespace fair::vector {
namespace {

/// One side of the polygon, downwards.
struct Side {
  double x0, y0, x1, y1;
  std::int32_t first_row, end_row;  ///< rows whose centre line it crosses
};

/// First row (or column) whose centre is at or past `v`, clipped to 0…limit.
std::int32_t first_centre(double v, std::int32_t limit) {
  if (!(v > 0.5)) return 0;
  if (v > static_cast<double>(limit) - 0.5) return limit;
  const auto n = static_cast<std::int32_t>(v - 0.5);
  return static_cast<double>(n) + 0.5 >= v ? n : n + 1;
}

std::vector<Side> sides_of(const Polygon& polygon, std::int32_t height) {
  std::vector<Side> sides;
  for (const Ring& ring : polygon) {
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
      const bool down = ring[j].y < ring[i].y;
      const Point& top = down ? ring[j] : ring[i];
      const Point& bottom = down ? ring[i] : ring[j];
      const Side side{top.x, top.y, bottom.x, bottom.y, first_centre(top.y, height), first_centre(bottom.y, height)};
      if (side.first_row < side.end_row) sides.push_back(side);
    }
  }
  std::sort(sides.begin(), sides.end(), [](const Side& a, const Side& b) { return a.first_row < b.first_row; });
  return sides;
}

}  // namespace

template <class T>
std::int64_t rasterize(const Polygon& polygon, T value, T* mask, std::int32_t width, std::int32_t height) {
  const std::vector<Side> sides = sides_of(polygon, height);
  if (sides.empty()) return 0;
  std::int64_t set = 0;
  std::size_t next = 0;
  std::vector<const Side*> active;
  std::vector<double> crossings;
  for (std::int32_t row = sides.front().first_row; next < sides.size() || !active.empty(); ++row) {
    if (active.empty()) row = std::max(row, sides[next].first_row);
    while (next < sides.size() && sides[next].first_row <= row) active.push_back(&sides[next++]);
    active.erase(std::remove_if(active.begin(), active.end(), [row](const Side* s) { return s->end_row <= row; }), active.end());
    const double y = static_cast<double>(row) + 0.5;
    crossings.clear();
    for (const Side* s : active) crossings.push_back(s->x0 + (s->x1 - s->x0) * ((y - s->y0) / (s->y1 - s->y0)));
    std::sort(crossings.begin(), crossings.end());
    for (std::size_t k = 0; k + 1 < crossings.size(); k += 2) {
      const std::int32_t from = first_centre(crossings[k], width);
      const std::int32_t to = first_centre(crossings[k + 1], width);
      T* const line = mask + static_cast<std::size_t>(row) * static_cast<std::size_t>(width);
      std::fill(line + from, line + std::max(from, to), value);
      set += std::max(from, to) - from;
    }
  }
  return set;
}

template std::int64_t rasterize<std::uint8_t>(const Polygon&, std::uint8_t, std::uint8_t*, std::int32_t, std::int32_t);
template std::int64_t rasterize<std::uint16_t>(const Polygon&, std::uint16_t, std::uint16_t*, std::int32_t, std::int32_t);
template std::int64_t rasterize<std::int32_t>(const Polygon&, std::int32_t, std::int32_t*, std::int32_t, std::int32_t);

}  // namespace fair::vector
