// The plugin's networks as ONNX graphs with random weights.
#pragma once

#include <cstdint>
#include <string_view>

#include "native/onnx/graph.h"

namespace fair::unet_segmentation {

struct GraphOptions {
  std::int64_t classes = 2;  ///< background included
  std::uint64_t seed = 42;   ///< fixes every weight
};

/// U-Net (Ronneberger et al. 2015) whose encoder is ResNet34 (He et al. 2015). Parameters carry the names PyTorch users know:
/// encoder.layer1.0.conv1.weight, decoder.blocks.0.conv1.0.weight, segmentation_head.0.weight. 24.4 M parameters.
/// Input "input" f32 [batch, 3, 256, 256]; output "logits" f32 [batch, classes, 256, 256].
[[nodiscard]] onnx::Model unet_resnet34(const GraphOptions& options);

/// The small network for CPUs and phones: 1.2 M parameters, at half resolution from its first layer on; its logits are enlarged
/// at the end. Same input and output as above.
[[nodiscard]] onnx::Model unet_small(const GraphOptions& options);

/// By model id: "unet-segmentation" or "unet-segmentation-small"; others are Code::not_found.
[[nodiscard]] Result<onnx::Model> graph_for(std::string_view model, const GraphOptions& options);

}  // namespace fair::unet_segmentation
