// Closed boundary chains -> the rings of one Shape, simple, in canonical order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/vector/detail/boundary.h"
#include "core/vector/detail/components.h"
#include "core/vector/geometry.h"

namespace fair::vector {

/// Row-major order.
inline bool comes_before(const Corner& a, const Corner& b) { return a.y != b.y ? a.y < b.y : a.x < b.x; }

/// Keeps its working memory from shape to shape.
class ShapeRings {
 public:
  /// The shape of `root` with all its rings. Takes nothing from the pools. Whoever keeps it moves it away; the memory of one that stays serves the
  /// next.
  [[nodiscard]] Shape& build(Components::Label root, Components& components, const Boundary& boundary);

 private:
  /// Corners from `begin` to `end` of all loops' corners.
  struct Loop {
    std::size_t begin, end;
    std::size_t start;  ///< the topmost, then leftmost of them: where the ring begins
    Components::Label part;
    Corner part_start;  ///< where its part's outer ring begins
    bool outer;
  };
  void add(const Boundary& boundary, Boundary::Index node, Components::Label part);
  void split(std::size_t begin, Components::Label part);
  void add_loop(std::size_t begin, Components::Label part);
  void sort_into_parts();
  void copy(const Loop& loop, std::vector<Corner>& ring) const;

  std::vector<Corner> corners_;
  std::vector<Loop> loops_;
  std::vector<std::uint32_t> order_;  ///< of `loops_` in the shape
  Shape shape_;
};

}  // namespace fair::vector
