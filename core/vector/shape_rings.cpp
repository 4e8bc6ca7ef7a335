#include "core/vector/detail/shape_rings.h"

#include <algorithm>

namespace fair::vector {

/// Ends a loop whose corners are the last ones, from `begin` on.
void ShapeRings::add_loop(std::size_t begin, Components::Label part) {
  const auto at = corners_.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto start = std::min_element(at, corners_.end(), comes_before);
  const Corner& second = start + 1 == corners_.end() ? *at : start[1];
  // A ring that runs clockwise on screen leaves its topmost-leftmost corner along its upper side, eastwards.
  const bool outer = second.y == start->y;
  loops_.push_back({begin, corners_.size(), static_cast<std::size_t>(start - corners_.begin()), part, {}, outer});
}

void ShapeRings::add(const Boundary& boundary, Boundary::Index node, Components::Label part) {
  const std::size_t begin = corners_.size();
  std::size_t junctions = 0;
  Boundary::Index at = node;
  do {
    const Boundary::Node& n = boundary.node(at);
    corners_.push_back(Corner{n.x, n.y, n.junction});
    junctions += n.junction ? 1 : 0;
    at = n.next;
  } while (at != node);
  if (junctions > 1) split(begin, part);
  else add_loop(begin, part);
}

void ShapeRings::copy(const Loop& loop, std::vector<Corner>& ring) const {
  ring.resize(loop.end - loop.begin);
  const auto at = [&](std::size_t i) { return corners_.begin() + static_cast<std::ptrdiff_t>(i); };
  std::rotate_copy(at(loop.begin), at(loop.start), at(loop.end), ring.begin());
}

Shape& ShapeRings::build(Components::Label root, Components& components, const Boundary& boundary) {
  const Components::Shape& from = components[root];
  corners_.clear();
  loops_.clear();
  for (std::int32_t r = from.rings; r != Components::none; r = components.ring(r).next) {
    const Components::RingRef& ring = components.ring(r);
    add(boundary, ring.node, components.find_part(ring.label));
  }
  sort_into_parts();
  shape_.value = from.value;
  shape_.pixels = from.pixels;
  shape_.confidence = from.confidence;
  shape_.first_x = from.first_x;
  shape_.first_y = from.first_y;
  shape_.rings.resize(loops_.size());
  shape_.parts.clear();
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const Loop& loop = loops_[order_[i]];
    if (loop.outer) shape_.parts.push_back(static_cast<std::uint32_t>(i));
    copy(loop, shape_.rings[i]);
  }
  return shape_;
}

}  // namespace fair::vector
