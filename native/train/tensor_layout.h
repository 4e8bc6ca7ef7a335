// How a segmentation graph wants its pixels and gives its logits.
#pragma once

#include <ATen/ATen.h>

#include "core/base/error.h"
#include "native/train/program.h"

namespace fair::train {

/// Samples and losses are (batch, channels, height, width); graphs from Keras are (batch, height, width, channels).
struct TensorLayout {
  bool channels_last_input = false, channels_last_output = false;
  std::int64_t output_channels = 0;

  [[nodiscard]] at::Tensor input(const at::Tensor& pixels) const { return channels_last_input ? pixels.permute({0, 2, 3, 1}).contiguous() : pixels; }
  [[nodiscard]] at::Tensor logits(const at::Tensor& output) const { return channels_last_output ? output.permute({0, 3, 1, 2}) : output; }

  /// Runs the graph once on a black window. Code::incompatible where it does not give one value a pixel and class (or one in all where there are two
  /// classes).
  [[nodiscard]] static Result<TensorLayout> of(const onnx::Model& model, Program& program, std::int64_t window, std::int64_t classes,
                                               at::Device device);
};

}  // namespace fair::train
