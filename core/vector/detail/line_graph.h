// A skeleton as nodes (ends and junctions) and the chains of pixels between them.
#pragma once

#include <cstdint>
#include <vector>

#include "core/vector/detail/pixel_rows.h"
#include "core/vector/detail/thin.h"

namespace fair::vector {

/// Chains leave out stubs that hardly stick out of the line they branch from, and junctions a fraction of a width apart are one.
class LineGraph {
 public:
  static constexpr std::int32_t none = -1;

  /// `skeleton` is what thin() gave for `rows`, and is held. Lengths are in pixels.
  LineGraph(const PixelRows& rows, const std::vector<Pixel>& skeleton);

  struct Chain {
    std::int32_t from = none, to = none;  ///< nodes; none at both ends of a ring without any
    std::vector<std::int32_t> pixels;     ///< of the skeleton, in order; those of the nodes it was traced from included, gaps where stubs were
    double length = 0;
    bool gone = false;
  };
  struct Node {
    double x = 0, y = 0;               ///< pixel coordinates; the middle of what was put together
    double radius = 0;                 ///< half the shape's width there
    std::vector<std::int32_t> chains;  ///< a ring is there twice
  };
  [[nodiscard]] const std::vector<Chain>& chains() const { return chains_; }
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] const Node& node(std::int32_t index) const { return nodes_[static_cast<std::size_t>(index)]; }
  /// Whether the node is the free end of one chain.
  [[nodiscard]] bool is_end(std::int32_t index) const { return node(index).chains.size() == 1; }

 private:
  void trace(const PixelRows& rows);
  bool prune();
  bool join_through();
  bool contract();
  void remove(std::int32_t chain);
  void join(std::int32_t node);
  std::int32_t add_node(const PixelRows& rows, Pixel at);
  Node& at(std::int32_t index) { return nodes_[static_cast<std::size_t>(index)]; }
  Chain& chain(std::int32_t index) { return chains_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] Pixel pixel(std::int32_t index) const { return skeleton_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] double sticks_out(const Chain& chain, std::int32_t from) const;

  const std::vector<Pixel>& skeleton_;
  std::vector<Node> nodes_;
  std::vector<Chain> chains_;
};

}  // namespace fair::vector
