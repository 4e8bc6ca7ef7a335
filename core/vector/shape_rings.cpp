#include "core/vector/detail/shape_rings.h"

#include <algorithm>

namespace fair::vector {
namespace {

bool before(const Corner& a, const Corner& b) { return a.y != b.y ? a.y < b.y : a.x < b.x; }

}  // namespace

/// Ends a loop whose corners are the last ones, from `begin` on.
void ShapeRings::add_loop(std::size_t begin, Components::Label part) {
  const auto at = corners_.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto start = std::min_element(at, corners_.end(), before);
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

/// Cuts a ring that comes by one corner twice into rings that do not: what lies between the two visits is a ring of its own.
/// Only junctions can be visited twice. A simple piece bounds the same pixels on the same side, so holes stay holes.
void ShapeRings::split(std::size_t begin, Components::Label part) {
  const std::vector<Corner> chain(corners_.begin() + static_cast<std::ptrdiff_t>(begin), corners_.end());
  corners_.resize(begin);
  std::vector<Corner> path;
  std::vector<std::size_t> junctions;  // places in `path`
  const auto cut_from = [&](std::size_t from) {
    const std::size_t loop = corners_.size();
    corners_.insert(corners_.end(), path.begin() + static_cast<std::ptrdiff_t>(from), path.end());
    add_loop(loop, part);
    path.resize(from);
  };
  for (const Corner& corner : chain) {
    if (corner.junction) {
      for (std::size_t k = junctions.size(); k-- > 0;) {
        const Corner& seen = path[junctions[k]];
        if (seen.x != corner.x || seen.y != corner.y) continue;
        cut_from(junctions[k]);
        junctions.resize(k);
        break;
      }
      junctions.push_back(path.size());
    }
    path.push_back(corner);
  }
  cut_from(0);
}

/// Parts by their outer rings' starts; within a part the outer ring first, then holes by theirs.
void ShapeRings::sort_into_parts() {
  order_.resize(loops_.size());
  for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<std::uint32_t>(i);
  if (loops_.size() < 2) return;
  const auto is_outer = [](const Loop& loop) { return loop.outer; };
  // 4-connected labels are united as shapes, not as parts: a single outer ring is everybody's.
  const bool one_part = std::count_if(loops_.begin(), loops_.end(), is_outer) == 1;
  for (Loop& loop : loops_) {
    const auto outer = std::find_if(loops_.begin(), loops_.end(), [&](const Loop& o) { return o.outer && (one_part || o.part == loop.part); });
    loop.part_start = corners_[outer->start];
    if (one_part) loop.part = outer->part;
  }
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t i, std::uint32_t k) {
    const Loop& a = loops_[i];
    const Loop& b = loops_[k];
    if (a.part != b.part) return before(a.part_start, b.part_start);
    return a.outer != b.outer ? a.outer : before(corners_[a.start], corners_[b.start]);
  });
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
