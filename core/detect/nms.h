// Non-maximum suppression: of boxes that mean the same thing the surest stays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fair::detect {

/// A found thing in pixels of the whole grid, x0 < x1 and y0 < y1.
struct Box {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  float confidence = 0;
  std::int32_t label = 0;  ///< index of its class
  bool cut = false;        ///< it may be a part of a thing, seen by a window whose edge cuts it
};

/// Intersection over union, 0 for boxes that only touch.
[[nodiscard]] double iou(const Box& a, const Box& b);

/// Boxes that stay when, from the surest down, each removes those of its class that overlap it by more than `threshold`. Boxes that are cut come
/// last, however sure, and go as well where another box holds more than half of them: a window beside saw the whole thing. Equally sure boxes
/// go by place (y0, x0, y1, x1), so the answer does not depend on the order given. The result is in order of y1, then x1, y0, x0, class.
[[nodiscard]] std::vector<Box> suppress(std::vector<Box> boxes, double threshold);

/// The same for boxes that come from windows row by row, in memory that does not grow with the area: groups of boxes that hang together by
/// overlapping are settled once no later box can reach them. Gives what `suppress` would give for all boxes at once.
class StreamingSuppression {
 public:
  explicit StreamingSuppression(double threshold) : threshold_(threshold) {}
  void add(const Box& box) { open_.push_back(box); }
  /// Boxes that are settled when every box to come begins at y0 >= `frontier`, sorted as by `suppress`.
  [[nodiscard]] std::vector<Box> settle(double frontier);
  /// The rest.
  [[nodiscard]] std::vector<Box> finish();

 private:
  double threshold_;
  std::vector<Box> open_;
};

}  // namespace fair::detect
