// Outlines finished not long ago, found by where they lie.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>

#include "core/vector/validity.h"

namespace fair::vector {

/// Takes outlines in pixels as a scan from north to south (or from west to east) finishes them, and forgets those that end far behind where it is:
/// memory grows with the scan's width and not with its length.
class Neighbours {
 public:
  explicit Neighbours(bool eastward = false) : eastward_(eastward) {}
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
  /// As if the scan went south.
  [[nodiscard]] Box turned(const Box& box) const { return eastward_ ? Box{box.y0, box.x0, box.y1, box.x1} : box; }
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> columns_of(const Box& box) const;

  std::unordered_map<std::int64_t, std::deque<std::shared_ptr<const Outline>>> by_column_;
  bool eastward_;
  double furthest_ = 0;
};

}  // namespace fair::vector
