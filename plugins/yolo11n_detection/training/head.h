// The head: features at three strides -> boxes and class probabilities of every anchor.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "plugins/yolo11n_detection/training/blocks.h"

namespace fair::yolo11n_detection {

/// Appends the head under `path` (model.23) for features at strides 8, 16 and 32 and gives the value [batch, 4 + classes, anchors]. Anchors are the
/// cells' centres in reading order, stride by stride; their places are computed from the features' shapes, so any height and width will do.
/// `narrowest` is the least width of the branch of the boxes; the published heads have 64.
std::string detect(onnx::Builder& builder, Blocks& blocks, const std::string& path, const std::array<Feature, 3>& levels, std::int64_t classes,
                   std::int64_t narrowest = 64);

}  // namespace fair::yolo11n_detection
