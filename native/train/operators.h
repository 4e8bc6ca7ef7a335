// ONNX operators on LibTorch: one table from operator name to a function that prepares it.
// Spec: https://github.com/onnx/onnx/blob/main/docs/Operators.md
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "native/onnx/graph.h"

namespace fair::train {

using Tensors = std::vector<at::Tensor>;

/// What all kernels of one program share: batch statistics while training, running ones otherwise.
struct Mode {
  bool training = false;
};

/// What is known about a node before anything runs.
struct NodeContext {
  const onnx::Node& node;
  std::int64_t opset = 0;
  at::ScalarType real = at::kFloat;  ///< the type all floating-point values are computed in
  std::shared_ptr<const Mode> mode;
  bool frozen = false;        ///< its parameters and statistics must not move
  bool in_place = false;      ///< nobody else needs its first input: it may be overwritten
  bool relu_follows = false;  ///< its only reader is a Relu, which it takes over
};

/// Takes the node's inputs (left-out ones are undefined tensors) and gives its outputs. Autograd follows along.
using Kernel = std::function<Tensors(Tensors&)>;
/// Reads the attributes once. Throws Unsupported.
using Prepare = Kernel (*)(const NodeContext&);

/// An attribute or form of an operator that the trainer cannot run. Ends at Program::compile as an Error.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Null where the trainer lacks the operator.
[[nodiscard]] Prepare find_operator(std::string_view op);

/// A TensorProto's values in memory of their own; floating-point ones as `real`.
[[nodiscard]] at::Tensor to_tensor(const onnx::Tensor& tensor, at::ScalarType real);

/// The groups of the table, a file each.
namespace operators {
struct Entry {
  std::string_view op;
  Prepare prepare;
};
[[nodiscard]] const std::vector<Entry>& convolution();  ///< convolutions, pooling, resizing
[[nodiscard]] const std::vector<Entry>& normalisation();
[[nodiscard]] const std::vector<Entry>& elementwise();  ///< activations, arithmetic, matrix products, reductions
[[nodiscard]] const std::vector<Entry>& shape();        ///< everything that moves or measures values
}  // namespace operators

}  // namespace fair::train
