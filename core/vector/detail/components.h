// Which runs of a mask belong together, and what is known of each shape while it is open.
#pragma once

#include <cstdint>
#include <vector>

namespace fair::vector {

/// Union-find over labels with their shapes' sums. Labels of a finished shape are used again.
class Components {
 public:
  using Label = std::int32_t;
  static constexpr Label none = -1;

  /// A closed ring: one of its boundary nodes, and the label of its pixels.
  struct RingRef {
    std::int32_t node;
    Label label;
    std::int32_t next;
  };

  struct Shape {
    Label parent;               ///< towards the shape's root
    Label part_parent;          ///< towards the root of its 4-connected piece (differs with 8-connectivity only)
    Label merged, merged_last;  ///< labels that were merged into this root, as a list
    std::int32_t value;
    std::int64_t pixels, confidence;
    std::int32_t first_x, first_y;
    std::int32_t rings, rings_last;  ///< list in `rings()`
    std::int32_t last_run;           ///< rightmost run of the newest row that has this shape, as index of its left transition
    std::int32_t last_row;
  };

  Label add(std::int32_t value, std::int32_t x, std::int32_t y) {
    Label label = free_label_;
    if (label == none) {
      label = static_cast<Label>(shapes_.size());
      shapes_.emplace_back();
    } else {
      free_label_ = shapes_[at(label)].merged;
    }
    shapes_[at(label)] = Shape{label, label, none, label, value, 0, 0, x, y, none, none, none, -1};
    return label;
  }

  [[nodiscard]] Shape& operator[](Label label) { return shapes_[at(label)]; }

  Label find(Label label) {
    while (shapes_[at(label)].parent != label) {
      Label& parent = shapes_[at(label)].parent;
      parent = shapes_[at(parent)].parent;
      label = parent;
    }
    return label;
  }
  Label find_part(Label label) {
    while (shapes_[at(label)].part_parent != label) {
      Label& parent = shapes_[at(label)].part_parent;
      parent = shapes_[at(parent)].part_parent;
      label = parent;
    }
    return label;
  }

  /// Makes two shapes one; sums are added. Gives the root.
  Label unite(Label a, Label b) {
    a = find(a);
    b = find(b);
    if (a == b) return a;
    if (b < a) {  // a fixed choice; the result does not depend on it
      const Label t = a;
      a = b;
      b = t;
    }
    Shape& into = shapes_[at(a)];
    Shape& from = shapes_[at(b)];
    from.parent = a;
    shapes_[at(into.merged_last)].merged = b;
    into.merged_last = from.merged_last;
    into.pixels += from.pixels;
    into.confidence += from.confidence;
    if (from.first_y < into.first_y || (from.first_y == into.first_y && from.first_x < into.first_x)) {
      into.first_x = from.first_x;
      into.first_y = from.first_y;
    }
    if (from.rings != none) {
      if (into.rings == none) into.rings = from.rings;
      else rings_[at(into.rings_last)].next = from.rings;
      into.rings_last = from.rings_last;
    }
    if (from.last_row > into.last_row || (from.last_row == into.last_row && from.last_run > into.last_run)) {
      into.last_row = from.last_row;
      into.last_run = from.last_run;
    }
    return a;
  }
  void unite_parts(Label a, Label b) {
    a = find_part(a);
    b = find_part(b);
    if (a < b) shapes_[at(b)].part_parent = a;
    else shapes_[at(a)].part_parent = b;
  }

  void add_ring(Label label, std::int32_t node) {
    std::int32_t ring = free_ring_;
    if (ring == none) {
      ring = static_cast<std::int32_t>(rings_.size());
      rings_.push_back(RingRef{node, label, none});
    } else {
      free_ring_ = rings_[at(ring)].next;
      rings_[at(ring)] = RingRef{node, label, none};
    }
    Shape& shape = shapes_[at(find(label))];
    if (shape.rings == none) shape.rings = ring;
    else rings_[at(shape.rings_last)].next = ring;
    shape.rings_last = ring;
  }
  [[nodiscard]] const RingRef& ring(std::int32_t index) const { return rings_[at(index)]; }

  /// Takes a finished shape's labels and ring entries back.
  void free(Label root) {
    Shape& shape = shapes_[at(root)];
    if (shape.rings != none) {
      rings_[at(shape.rings_last)].next = free_ring_;
      free_ring_ = shape.rings;
    }
    shapes_[at(shape.merged_last)].merged = free_label_;
    free_label_ = root;
  }

 private:
  static std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }
  std::vector<Shape> shapes_;
  std::vector<RingRef> rings_;
  Label free_label_ = none;
  std::int32_t free_ring_ = none;
};

}  // namespace fair::vector
