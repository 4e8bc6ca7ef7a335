// Outlines finished not long ago, found by where they lie.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>

#include "core/vector/validity.h"

namespace fair::vector {

/// Takes outlines in pixels as a scan from north to south finishes them, and forgets those that end far above where it is: memory grows with the
/// scan's width and not with its length.
class Neighbours {
 public:
  void add(Ring ring);
  /// True where one of them overlaps `now` and did not overlap `before`.
  [[nodiscard]] bool newly_overlapped(const Ring& now, const Ring& before) const;

 private:
  // Taller than any building; an outline that ended further up is no neighbour of one that ends now.
  static constexpr double reach = 1024;  // pixels
  static constexpr double column = 256;  // pixels
  struct Outline {
    Ring ring;
    Box box;
  };
  static std::pair<std::int64_t, std::int64_t> columns_of(const Box& box);

  std::unordered_map<std::int64_t, std::deque<std::shared_ptr<const Outline>>> by_column_;
  double lowest_ = 0;
};

}  // namespace fair::vector
