// What training makes small: losses by name.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace fair::train {

/// A weighted sum of the usual segmentation losses. Pixels of value 255 count nowhere.
struct Loss {
  double cross_entropy = 0, binary_cross_entropy = 0, dice = 0;
  at::Tensor class_weights;                                                             ///< one a class, or undefined; for cross-entropy
  std::function<at::Tensor(const at::Tensor& logits, const at::Tensor& target)> graph;  ///< where set, in place of all of them

  /// `logits` (batch, channels, height, width); `target` int64 (batch, height, width) of class values. One channel means
  /// "any class but background". Binary cross-entropy over several channels compares with one-hot targets. A scalar with gradient.
  [[nodiscard]] at::Tensor operator()(const at::Tensor& logits, const at::Tensor& target) const;

  /// PyTorch's names and short ones, joined with '+', each with an optional factor:
  /// "CrossEntropyLoss", "BCEWithLogitsLoss", "DiceLoss", "ce+0.5*dice". With one output channel cross-entropy means the binary one.
  [[nodiscard]] static Result<Loss> from(const std::string& name, std::int64_t channels);

  /// A loss as an ONNX graph of two inputs, the logits and one named `target` (else the second), and one output of one value. It is tried once on
  /// `window`² pixels. The target comes in the element type its input declares: whole class values, or the same as floating-point numbers. Numbers in
  /// the graph never learn.
  [[nodiscard]] static Result<Loss> from_graph(const std::filesystem::path& path, std::int64_t channels, std::int64_t window, at::Device device);
};

constexpr std::int64_t ignored_class = 255;

}  // namespace fair::train
