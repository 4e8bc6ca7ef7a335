// Which anchors answer for which true boxes: task alignment (Feng et al. 2021, TOOD).
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace fair::train {

struct AssignmentOptions {
  std::int64_t most_anchors = 10;  ///< for one true box
  double score_power = 0.5;        ///< alpha: how much an anchor's class probability counts
  double overlap_power = 6.0;      ///< beta: how much its box's overlap
};

/// Of one image, per anchor.
struct Assignment {
  at::Tensor taken;   ///< bool (anchors): answers for a true box
  at::Tensor boxes;   ///< f32 (anchors, 4): that box; zeros where none
  at::Tensor scores;  ///< f32 (anchors, classes): what its class probabilities should be, the better it does among its box's anchors the higher
};

/// `probabilities` (anchors, classes), `boxes` (anchors, 4) as predicted and `points` (anchors, 2), the cells' centres; `truths` (n, 4) and their
/// `classes` i64 (n). Boxes are x0, y0, x1, y1 in pixels. An anchor whose centre lies in several boxes that want it gets the one its own box
/// overlaps most. Call without gradients.
[[nodiscard]] Assignment assign_boxes(const at::Tensor& probabilities, const at::Tensor& boxes, const at::Tensor& points, const at::Tensor& truths,
                                      const at::Tensor& classes, const AssignmentOptions& options = {});

/// Complete IoU of boxes side by side (Zheng et al. 2020), shapes broadcast but for the last axis of 4: overlap less the distance of the centres
/// and the difference of the sides' ratios. Gradients flow into both.
[[nodiscard]] at::Tensor complete_iou(const at::Tensor& a, const at::Tensor& b);

}  // namespace fair::train
