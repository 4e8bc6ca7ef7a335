// Closed boundary chains -> the rings of one Shape, simple, in canonical order.
#pragma once

#include <cstdint>
#include <vector>

#include "core/vector/detail/boundary.h"
#include "core/vector/detail/components.h"
#include "core/vector/geometry.h"

namespace fair::vector {

/// Keeps its working memory from shape to shape.
class ShapeRings {
 public:
  /// The shape of `root` with all its rings. Takes nothing from the pools.
  [[nodiscard]] Shape build(Components::Label root, Components& components, const Boundary& boundary);

 private:
  struct Loop {
    std::vector<Corner> corners;
    Components::Label part;
    Corner part_start;  ///< where its part's outer ring begins
    bool outer;
  };
  void add(const Boundary& boundary, Boundary::Index node, Components::Label part);
  void split(Components::Label part);

  std::vector<Corner> chain_;
  std::vector<Loop> loops_;
  std::vector<std::uint32_t> order_;  ///< of `loops_` in the shape
};

}  // namespace fair::vector
