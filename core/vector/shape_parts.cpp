// What few shapes need: rings that touch themselves, and more than one ring. Apart, so that a build for browsers can make it small.
#include <algorithm>

#include "core/vector/detail/shape_rings.h"

namespace fair::vector {

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
    if (a.part != b.part) return comes_before(a.part_start, b.part_start);
    return a.outer != b.outer ? a.outer : comes_before(corners_[a.start], corners_[b.start]);
  });
}

}  // namespace fair::vector
