// Kernel geometry of convolutions and pools.
// Spec: https://github.com/onnx/onnx/blob/main/docs/Operators.md#Conv, #MaxPool, #AveragePool
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "native/onnx/graph.h"

namespace fair::train::operators {

/// Sizes an axis, first spatial axis first. Pads: all begins, then all ends, resolved by fill() when the input's size is known.
struct Window {
  std::vector<std::int64_t> kernel, stride, dilation, pads;
  std::string auto_pad;
  bool ceil = false;

  explicit Window(const onnx::Node& node);

  /// What the node leaves out, for an input of (batch, channels, …). Throws Unsupported where the lists do not fit its axes.
  void fill(const at::Tensor& x, const std::vector<std::int64_t>& kernel_if_absent);

  [[nodiscard]] std::size_t axes() const { return stride.size(); }
  [[nodiscard]] std::int64_t extent(std::size_t i) const { return (kernel[i] - 1) * dilation[i] + 1; }
  [[nodiscard]] std::int64_t begin(std::size_t i) const { return pads[i]; }
  [[nodiscard]] std::int64_t end(std::size_t i) const { return pads[axes() + i]; }
  [[nodiscard]] bool symmetric() const;
  [[nodiscard]] std::vector<std::int64_t> begin_pads() const;
  /// Windows that fit along an axis of `size`: none starts in the padding behind it.
  [[nodiscard]] std::int64_t count(std::size_t i, std::int64_t size) const;
};

/// Pads of the spatial axes as constant_pad_nd counts: last axis first, begin and end of each.
[[nodiscard]] std::vector<std::int64_t> torch_pads(const std::vector<std::int64_t>& begins, const std::vector<std::int64_t>& ends);

}  // namespace fair::train::operators
