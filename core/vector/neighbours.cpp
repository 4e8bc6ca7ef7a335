#include "core/vector/neighbours.h"

#include <algorithm>
#include <cmath>

namespace fair::vector {

std::pair<std::int64_t, std::int64_t> Neighbours::columns_of(const Box& box) const {
  const Box at = turned(box);
  return {static_cast<std::int64_t>(std::floor(at.x0 / column)), static_cast<std::int64_t>(std::floor(at.x1 / column))};
}

void Neighbours::add(Ring ring) {
  const Box box = box_of(ring);
  furthest_ = std::max(furthest_, turned(box).y1);
  const auto outline = std::make_shared<const Outline>(Outline{std::move(ring), box});
  const auto [first, last] = columns_of(box);
  for (std::int64_t at = first; at <= last; ++at) {
    auto& held = by_column_[at];
    while (!held.empty() && turned(held.front()->box).y1 < furthest_ - reach) held.pop_front();
    held.push_back(outline);
  }
}

bool Neighbours::newly_overlapped(const Ring& now, const Ring& before) const {
  const Box box = box_of(now);
  const auto [first, last] = columns_of(box);
  for (std::int64_t at = first; at <= last; ++at) {
    const auto held = by_column_.find(at);
    if (held == by_column_.end()) continue;
    for (const auto& other : held->second) {
      if (meet(box, other->box) && overlap(now, other->ring) && !overlap(before, other->ring)) return true;
    }
  }
  return false;
}

}  // namespace fair::vector
