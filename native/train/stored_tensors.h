// The tensors that a graph brings along, and which of them learn.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "native/onnx/graph.h"

namespace fair::train {

struct StoredTensors {
  /// Initializers and, where they hold no weights, the values of Constant nodes under their outputs' names. They live as long as the graph.
  std::vector<std::pair<std::string, const onnx::Tensor*>> tensors;
  std::set<std::string> weights;     ///< what convolutions, normalisations, matrix products and affine nodes read as such, also turned or cut
  std::set<std::string> statistics;  ///< running means and variances
};

[[nodiscard]] StoredTensors find_weights(const onnx::Graph& graph);

/// The initializer of that name, or the value of the Constant node that makes it; null where there is none.
[[nodiscard]] onnx::Tensor* stored_tensor(onnx::Graph& graph, const std::string& name);

}  // namespace fair::train
