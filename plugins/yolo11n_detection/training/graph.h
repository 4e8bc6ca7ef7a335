// The plugin's network as an ONNX graph with starting weights.
#pragma once

#include <cstdint>
#include <string_view>

#include "native/onnx/graph.h"

namespace fair::yolo11n_detection {

/// How large the network is: repeats of its blocks and channels, as the published family's compound scaling counts them.
struct Scale {
  double depth = 0.5, width = 0.25;
  std::int64_t most_channels = 1024;  ///< before `width`
  bool deep_blocks = false;           ///< C3k inside every C3k2, as the larger members have it
};

/// The published members: "n", "s", "m", "l", "x"; others are Code::usage.
[[nodiscard]] Result<Scale> scale_named(std::string_view name);

struct GraphOptions {
  std::int64_t classes = 1;
  Scale scale;
  std::uint64_t seed = 42;  ///< fixes every starting weight
};

/// YOLO11 (Jocher and Qiu 2024): a backbone of strided convolutions and C3k2 blocks closed by SPPF and C2PSA, a path aggregation neck, and a
/// decoupled anchor-free head at strides 8, 16 and 32 whose box sides are distributions over 16 bins (Li et al. 2020). Parameters carry the
/// names of the published weights (model.0.conv.weight, model.23.cv2.0.0.conv.weight). 2.6 M parameters at scale n.
/// Input "images" f32 [batch, 3, height, width], multiples of 32; output "output0" f32 [batch, 4 + classes, anchors]: centre, width and height in
/// pixels of the input, then probabilities. Inner values "/model.23.cv2.L.2" [batch, 64, h, w] and "/model.23.cv3.L.2" [batch, classes, h, w], L = 0,
/// 1, 2, are the head's distributions and class logits.
[[nodiscard]] onnx::Model yolo11(const GraphOptions& options);

/// By model id: "yolo11n-detection"; others are Code::not_found.
[[nodiscard]] Result<onnx::Model> graph_for(std::string_view model, const GraphOptions& options);

}  // namespace fair::yolo11n_detection
