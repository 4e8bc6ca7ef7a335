// What training of detectors makes small: boxes, the distributions of their sides, classes.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "native/train/box_assignment.h"

namespace fair::train {

/// The head's raw maps, one of each a level, finest first: distributions (batch, 4 * bins, h, w) and class logits (batch, classes, h, w).
struct HeadMaps {
  std::vector<at::Tensor> sides, classes;
};

struct BoxLossOptions {
  double box_gain = 7.5, distribution_gain = 1.5, class_gain = 0.5;
  AssignmentOptions assignment;
};

/// Scalars, gains included.
struct BoxLossParts {
  at::Tensor box;           ///< 1 - complete IoU (Zheng et al. 2020)
  at::Tensor classes;       ///< binary cross entropy against the assignment's scores
  at::Tensor distribution;  ///< distribution focal loss (Li et al. 2020)
  [[nodiscard]] at::Tensor sum() const { return box + classes + distribution; }
};

/// `height` is the input's in pixels, from which the levels' strides follow; `targets` f32 (n, 6) rows of place in the batch, class, x0, y0, x1, y1
/// in its pixels, on the maps' device. Each part is a sum over the batch's anchors, weighted by what the assignment asks of them and divided by the
/// sum of that (at least 1).
[[nodiscard]] BoxLossParts box_loss(const HeadMaps& maps, std::int64_t height, const at::Tensor& targets, const BoxLossOptions& options = {});

}  // namespace fair::train
