// Boundary fragments of a mask seen row by row: chains of corners with two open ends each, joined until they close into rings.
#pragma once

#include <cstdint>
#include <vector>

namespace fair::vector {

/// Chains run with their own pixels on the right hand, so a chain has a tail (more is put before it, on a left side)
/// and a head (more is put after it, on a right side). Nodes and ends come from pools that are used again: nothing is allocated a shape.
class Boundary {
 public:
  using Index = std::int32_t;
  static constexpr Index none = -1;

  struct Node {
    std::int32_t x, y;
    Index next;
    bool junction;
  };

  /// A new chain of one corner; gives its two ends.
  void start(std::int32_t x, std::int32_t y, bool junction, Index& tail, Index& head) {
    const Index node = new_node(x, y, junction);
    tail = new_end(node);
    head = new_end(node);
    ends_[at(tail)].mate = head;
    ends_[at(head)].mate = tail;
  }

  void append(Index head, std::int32_t x, std::int32_t y, bool junction) {
    const Index node = new_node(x, y, junction);
    nodes_[at(ends_[at(head)].node)].next = node;
    ends_[at(head)].node = node;
  }

  void prepend(Index tail, std::int32_t x, std::int32_t y, bool junction) {
    const Index node = new_node(x, y, junction);
    nodes_[at(node)].next = ends_[at(tail)].node;
    ends_[at(tail)].node = node;
  }

  /// Puts a corner after `head` and the chain of `tail` after that. Gives a node of the ring if that closed one, else none.
  Index join(Index head, Index tail, std::int32_t x, std::int32_t y, bool junction) {
    const Index node = new_node(x, y, junction);
    const End h = ends_[at(head)];
    const End t = ends_[at(tail)];
    nodes_[at(h.node)].next = node;
    nodes_[at(node)].next = t.node;
    free_end(head);
    free_end(tail);
    if (h.mate == tail) return node;
    ends_[at(h.mate)].mate = t.mate;
    ends_[at(t.mate)].mate = h.mate;
    return none;
  }

  [[nodiscard]] const Node& node(Index index) const { return nodes_[at(index)]; }

  /// Takes the nodes of a closed ring back into the pool.
  void free_ring(Index any) {
    const Index first = nodes_[at(any)].next;
    nodes_[at(any)].next = free_node_;
    free_node_ = first;
  }

 private:
  struct End {
    Index node, mate;
  };
  static std::size_t at(Index index) { return static_cast<std::size_t>(index); }

  Index new_node(std::int32_t x, std::int32_t y, bool junction) {
    if (free_node_ == none) {
      nodes_.push_back(Node{x, y, none, junction});
      return static_cast<Index>(nodes_.size() - 1);
    }
    const Index index = free_node_;
    free_node_ = nodes_[at(index)].next;
    nodes_[at(index)] = Node{x, y, none, junction};
    return index;
  }
  Index new_end(Index node) {
    if (free_end_ == none) {
      ends_.push_back(End{node, none});
      return static_cast<Index>(ends_.size() - 1);
    }
    const Index index = free_end_;
    free_end_ = ends_[at(index)].mate;
    ends_[at(index)].node = node;
    return index;
  }
  void free_end(Index index) {
    ends_[at(index)].mate = free_end_;
    free_end_ = index;
  }

  std::vector<Node> nodes_;
  std::vector<End> ends_;
  Index free_node_ = none, free_end_ = none;
};

}  // namespace fair::vector
