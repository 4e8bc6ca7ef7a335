// The plugin's network as an ONNX graph with starting weights.
#pragma once

#include <cstdint>

#include "native/onnx/graph.h"

namespace fair::resnet18_classification {

struct GraphOptions {
  std::int64_t logits = 1;  ///< one tells two classes apart; else one a class
  std::uint64_t seed = 42;  ///< fixes every starting weight
};

/// ResNet18 (He et al. 2015) under torchvision's parameter names: conv1.weight, layer1.0.bn1.running_mean, fc.bias. 11.2 M parameters.
/// Input "input" f32 [batch, 3, height, width], of any size from 32 on, since its pooling is global; output "logits" f32 [batch, logits].
[[nodiscard]] onnx::Model resnet18(const GraphOptions& options);

}  // namespace fair::resnet18_classification
