#include "core/vector/detail/shape_rings.h"

#include <algorithm>

namespace fair::vector {
namespace {

bool before(const Corner& a, const Corner& b) { return a.y != b.y ? a.y < b.y : a.x < b.x; }

/// Begins the ring at its topmost, then leftmost corner.
void canonical_start(std::vector<Corner>& ring) { std::rotate(ring.begin(), std::min_element(ring.begin(), ring.end(), before), ring.end()); }

/// The topmost-leftmost corner of a ring that runs clockwise on screen is left along its upper side, eastwards.
bool runs_clockwise(const std::vector<Corner>& ring) { return ring[1].y == ring[0].y; }

}  // namespace

void ShapeRings::add(const Boundary& boundary, Boundary::Index node, Components::Label part) {
  chain_.clear();
  std::size_t junctions = 0;
  Boundary::Index at = node;
  do {
    const Boundary::Node& n = boundary.node(at);
    chain_.push_back(Corner{n.x, n.y, n.junction});
    junctions += n.junction ? 1 : 0;
    at = n.next;
  } while (at != node);
  if (junctions > 1) return split(part);
  Loop loop{chain_, part, {}, false};
  canonical_start(loop.corners);
  loop.outer = runs_clockwise(loop.corners);
  loops_.push_back(std::move(loop));
}

/// Cuts a ring that comes by one corner twice into rings that do not: what lies between the two visits is a ring of its own.
/// Only junctions can be visited twice. A simple piece bounds the same pixels on the same side, so holes stay holes.
void ShapeRings::split(Components::Label part) {
  std::vector<Corner> path;
  std::vector<std::size_t> junctions;  // places in `path`
  const auto cut_from = [&](std::size_t from) {
    Loop loop{std::vector<Corner>(path.begin() + static_cast<std::ptrdiff_t>(from), path.end()), part, {}, false};
    canonical_start(loop.corners);
    loop.outer = runs_clockwise(loop.corners);
    loops_.push_back(std::move(loop));
    path.resize(from);
  };
  for (const Corner& corner : chain_) {
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

Shape ShapeRings::build(Components::Label root, Components& components, const Boundary& boundary) {
  const Components::Shape& from = components[root];
  loops_.clear();
  for (std::int32_t r = from.rings; r != Components::none; r = components.ring(r).next) {
    const Components::RingRef& ring = components.ring(r);
    add(boundary, ring.node, components.find_part(ring.label));
  }
  Shape shape;
  shape.value = from.value;
  shape.pixels = from.pixels;
  shape.confidence = from.confidence;
  shape.first_x = from.first_x;
  shape.first_y = from.first_y;

  // Parts by their outer rings' starts; within a part the outer ring first, then holes by theirs.
  if (loops_.size() > 1) {
    const auto is_outer = [](const Loop& loop) { return loop.outer; };
    // 4-connected labels are united as shapes, not as parts: a single outer ring is everybody's.
    const bool one_part = std::count_if(loops_.begin(), loops_.end(), is_outer) == 1;
    for (Loop& loop : loops_) {
      const auto outer = std::find_if(loops_.begin(), loops_.end(), [&](const Loop& o) { return o.outer && (one_part || o.part == loop.part); });
      loop.part_start = outer->corners.front();
      if (one_part) loop.part = outer->part;
    }
  }
  order_.resize(loops_.size());
  for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<std::uint32_t>(i);
  if (loops_.size() > 1) {
    std::sort(order_.begin(), order_.end(), [&](std::uint32_t i, std::uint32_t k) {
      const Loop& a = loops_[i];
      const Loop& b = loops_[k];
      if (a.part != b.part) return before(a.part_start, b.part_start);
      return a.outer != b.outer ? a.outer : before(a.corners.front(), b.corners.front());
    });
  }
  shape.rings.reserve(loops_.size());
  for (const std::uint32_t i : order_) {
    if (loops_[i].outer) shape.parts.push_back(static_cast<std::uint32_t>(shape.rings.size()));
    shape.rings.push_back(std::move(loops_[i].corners));
  }
  return shape;
}

}  // namespace fair::vector
