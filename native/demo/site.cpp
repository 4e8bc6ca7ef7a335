#include "native/demo/site.h"

#include <cmath>

#include "core/vector/rasterize.h"

namespace fair::demo {

Site::Site(std::int32_t width, std::int32_t height)
    : width_(width), height_(height), taken_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0) {}

bool Site::built(double x, double y) const {
  if (!(x >= 0 && y >= 0 && x < width_ && y < height_)) return true;
  return taken_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)] != 0;
}

bool Site::take(const vector::Polygon& polygon, double margin) {
  double left = 1e18, right = -1e18, top = 1e18, bottom = -1e18;
  for (const vector::Point& p : polygon.front()) {
    if (!(p.x >= 2 && p.y >= 2 && p.x < width_ - 2 && p.y < height_ - 2)) return false;
    left = std::min(left, p.x), right = std::max(right, p.x), top = std::min(top, p.y), bottom = std::max(bottom, p.y);
  }
  const double x0 = std::floor(left), y0 = std::floor(top);
  const auto width = static_cast<std::int32_t>(right - x0) + 2, height = static_cast<std::int32_t>(bottom - y0) + 2;
  vector::Polygon own = polygon;
  for (vector::Ring& ring : own) {
    for (vector::Point& p : ring) p.x -= x0, p.y -= y0;
  }
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0);
  vector::rasterize(own, std::uint8_t{1}, mask.data(), width, height);
  const double d = margin * 0.7071;
  const double offsets[9][2] = {{0, 0}, {margin, 0}, {-margin, 0}, {0, margin}, {0, -margin}, {d, d}, {-d, d}, {d, -d}, {-d, -d}};
  for (std::int32_t y = 0; y < height; ++y) {
    for (std::int32_t x = 0; x < width; ++x) {
      if (mask[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] == 0) continue;
      for (const auto& o : offsets) {
        const double px = x0 + x + o[0], py = y0 + y + o[1];
        if (px >= 0 && py >= 0 && px < width_ && py < height_ && built(px, py)) return false;
      }
    }
  }
  vector::rasterize(polygon, std::uint8_t{1}, taken_.data(), width_, height_);
  return true;
}

bool Site::is_free(vector::Point place, double radius) const {
  const int steps = static_cast<int>(2 * radius);
  for (int row = 0; row <= steps; ++row) {
    for (int column = 0; column <= steps; ++column) {
      const double dx = column - radius, dy = row - radius;
      if (dx * dx + dy * dy <= radius * radius && built(place.x + dx, place.y + dy)) return false;
    }
  }
  return true;
}

}  // namespace fair::demo
