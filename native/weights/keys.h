// Which of a file's tensors is which of a model's weights: by name, by the names' common prefix, or in order where that is asked for.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "native/onnx/graph.h"

namespace fair::weights {

struct KeyMatch {
  struct Pair {
    std::string weight;           ///< the initializer's name
    std::string key;              ///< the file's name for it
    std::string expected, found;  ///< element type and shape of both: "float32 [64, 3, 7, 7]"
  };
  std::vector<Pair> matched;
  std::vector<Pair> misshaped;          ///< names agree, shapes or kinds of number do not
  std::vector<std::string> missing;     ///< weights that no key fills
  std::vector<std::string> unexpected;  ///< keys that no weight has
  std::size_t ignored = 0;              ///< num_batches_tracked: nothing that runs needs them
  std::string removed, added;           ///< prefix taken off the keys and put before them, so that most names fit
  bool folded = false;  ///< the file has batch statistics and the graph no place for any: its normalisation is folded into its convolutions

  /// Every weight is filled, every filled one with the right shape.
  [[nodiscard]] bool whole() const { return missing.empty() && misshaped.empty() && !folded && !matched.empty(); }
};

/// Weights are initializers of floats named as PyTorch names state (….weight, .bias, .running_mean, .running_var), and whatever else the file names.
/// `by_order` pairs what names leave over one by one, as long as shapes agree. Transposes are never guessed.
[[nodiscard]] KeyMatch match_keys(const onnx::Graph& graph, const std::vector<onnx::Tensor>& tensors, bool by_order);

/// "float32 [64, 3, 7, 7]".
[[nodiscard]] std::string described(const onnx::Tensor& tensor);

}  // namespace fair::weights
