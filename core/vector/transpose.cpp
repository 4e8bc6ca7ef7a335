#include "core/vector/transpose.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace fair::vector {
namespace {

using Trace = std::vector<Corner>;

bool before(const Corner& a, const Corner& b) { return a.y != b.y ? a.y < b.y : a.x < b.x; }

void turn(Trace& ring) {
  for (Corner& corner : ring) std::swap(corner.x, corner.y);
  std::reverse(ring.begin(), ring.end());
  std::rotate(ring.begin(), std::min_element(ring.begin(), ring.end(), before), ring.end());
}

}  // namespace

Shape transposed(Shape shape) {
  std::vector<std::vector<Trace>> parts;
  for (std::size_t p = 0; p < shape.parts.size(); ++p) {
    const std::size_t end = p + 1 < shape.parts.size() ? shape.parts[p + 1] : shape.rings.size();
    std::vector<Trace> part;
    for (std::size_t r = shape.parts[p]; r < end; ++r) {
      turn(shape.rings[r]);
      part.push_back(std::move(shape.rings[r]));
    }
    std::sort(part.begin() + 1, part.end(), [](const Trace& a, const Trace& b) { return before(a.front(), b.front()); });
    parts.push_back(std::move(part));
  }
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return before(a.front().front(), b.front().front()); });
  shape.parts.clear();
  shape.rings.clear();
  for (std::vector<Trace>& part : parts) {
    shape.parts.push_back(static_cast<std::uint32_t>(shape.rings.size()));
    for (Trace& ring : part) shape.rings.push_back(std::move(ring));
  }
  // The topmost-leftmost corner of the outer ring is the upper left corner of the first pixel.
  const Corner& first = shape.rings.front().front();
  shape.first_x = first.x;
  shape.first_y = first.y;
  return shape;
}

}  // namespace fair::vector
