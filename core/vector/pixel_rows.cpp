#include "core/vector/detail/pixel_rows.h"

#include <cstddef>
#include <limits>

namespace fair::vector {
namespace {

/// A vertical side of one pixel's height: what lies right of it is in (+1) or out (-1).
struct Side {
  std::int32_t y, x, turn;
};

std::int64_t pixels_in(const std::vector<Corner>& ring) {
  std::int64_t twice = 0;
  for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
    twice += static_cast<std::int64_t>(ring[j].x) * ring[i].y - static_cast<std::int64_t>(ring[i].x) * ring[j].y;
  }
  return (twice < 0 ? -twice : twice) / 2;
}

void add_sides(const std::vector<Corner>& ring, std::vector<Side>& out) {
  for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
    const Corner& from = ring[j];
    const Corner& to = ring[i];
    // Pixels of the shape lie on the right hand: right of a side that goes up.
    for (std::int32_t y = to.y; y < from.y; ++y) out.push_back({y, from.x, 1});
    for (std::int32_t y = from.y; y < to.y; ++y) out.push_back({y, from.x, -1});
  }
}

std::vector<Side> sides_of(const Shape& shape, std::int64_t smallest_hole) {
  std::vector<Side> sides;
  for (std::size_t p = 0; p < shape.parts.size(); ++p) {
    const std::size_t end = p + 1 < shape.parts.size() ? shape.parts[p + 1] : shape.rings.size();
    for (std::size_t r = shape.parts[p]; r < end; ++r) {
      if (r == shape.parts[p] || pixels_in(shape.rings[r]) >= smallest_hole) add_sides(shape.rings[r], sides);
    }
  }
  std::sort(sides.begin(), sides.end(), [](const Side& a, const Side& b) { return a.y != b.y ? a.y < b.y : a.x < b.x; });
  return sides;
}

}  // namespace

PixelRows::PixelRows(const Shape& shape, std::int64_t smallest_hole) {
  const std::vector<Side> sides = sides_of(shape, smallest_hole);
  if (!sides.empty()) top_ = sides.front().y;
  std::int32_t inside = 0;
  for (std::size_t i = 0; i < sides.size(); ++i) {
    const Side& side = sides[i];
    while (static_cast<std::int32_t>(starts_.size()) <= side.y - top_) starts_.push_back(spans_.size());
    const std::int32_t before = inside;
    inside += side.turn;
    if (before <= 0 && inside > 0) {
      // Two parts may touch in a corner, or a filled hole hold another part: their spans stay one.
      const bool joins = starts_.back() < spans_.size() && spans_.back().x1 == side.x;
      if (!joins) spans_.push_back({side.x, side.x, size_});
    } else if (before > 0 && inside <= 0) {
      size_ += static_cast<std::size_t>(side.x - spans_.back().x0) - (size_ - spans_.back().first);
      spans_.back().x1 = side.x;
    }
  }
  starts_.push_back(spans_.size());
}

std::int64_t PixelRows::clearance2(std::int32_t x, std::int32_t y) const {
  std::int64_t best = std::numeric_limits<std::int64_t>::max();
  const auto look = [&](std::int32_t row, std::int64_t dy2) {
    const Span* span = has_row(row) ? span_past(x, row) : nullptr;
    if (span == nullptr || span == end(row) || span->x0 > x) {
      best = std::min(best, dy2);
      return;
    }
    const std::int64_t dx = std::min(x - span->x0 + 1, span->x1 - x);
    best = std::min(best, dy2 + dx * dx);
  };
  for (std::int32_t dy = 0;; ++dy) {
    const std::int64_t dy2 = static_cast<std::int64_t>(dy) * dy;
    if (dy2 >= best) return best;
    look(y - dy, dy2);
    if (dy != 0) look(y + dy, dy2);
  }
}

}  // namespace fair::vector
