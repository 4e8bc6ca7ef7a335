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
#include "native/train/batch_norm_loops.h"

namespace fair::train {

class RankGroup;
using Tensors = std::vector<at::Tensor>;

/// What all kernels of one program share: batch statistics while training, running ones otherwise.
struct Mode {
  bool training = false;
  RankGroup* group = nullptr;  ///< batch statistics are of all its ranks; null: of this one
};

/// What is known about a node before anything runs.
struct NodeContext {
  const onnx::Node& node;
  std::int64_t opset = 0;
  at::ScalarType real = at::kFloat;  ///< the type all floating-point values are computed in
  std::shared_ptr<const Mode> mode;
  bool frozen = false;                       ///< its parameters and statistics must not move
  bool in_place = false;                     ///< nobody else needs its first input: it may be overwritten
  Activation activation = Activation::none;  ///< what alone reads its result, which it takes over
};

/// Takes the node's inputs (left-out ones are undefined tensors) and gives its outputs. Autograd follows along.
using Kernel = std::function<Tensors(Tensors&)>;
/// Reads the attributes once. Throws Unsupported.
using Prepare = Kernel (*)(const NodeContext&);

/// An attribute or form of an operator that the trainer cannot run. Ends at Program::compile as an Error.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One operator of the table.
struct Operator {
  std::string_view op;
  Prepare prepare;
  std::int64_t since = 1;  ///< the operator set that brought it
  std::string_view note;   ///< forms of it that are lacking, or what differs from inference
};

/// Null where the trainer lacks the operator.
[[nodiscard]] Prepare find_operator(std::string_view op);
/// The whole table, by name.
[[nodiscard]] const std::vector<Operator>& all_operators();

/// A TensorProto's values in memory of their own; floating-point ones as `real`.
[[nodiscard]] at::Tensor to_tensor(const onnx::Tensor& tensor, at::ScalarType real);

/// What kernels share.
namespace operators {
/// Values of a small tensor of positions or sizes; never follows gradients.
[[nodiscard]] std::vector<std::int64_t> numbers(const at::Tensor& tensor);
/// An input that may be left out: undefined then.
[[nodiscard]] at::Tensor optional_input(const Tensors& in, std::size_t at);
/// Positions given as an attribute (older operator sets) or as an input.
[[nodiscard]] std::vector<std::int64_t> attribute_or_input(const std::vector<std::int64_t>& attribute, const Tensors& in, std::size_t at);
/// An axis counted from the front. Throws Unsupported where the tensor has none of that number.
[[nodiscard]] std::int64_t from_front(std::int64_t axis, std::int64_t rank);

// The groups of the table, a file each.
[[nodiscard]] const std::vector<Operator>& convolution();
[[nodiscard]] const std::vector<Operator>& pooling();
[[nodiscard]] const std::vector<Operator>& resizing();  ///< and sampling at given places
[[nodiscard]] const std::vector<Operator>& normalisation();
[[nodiscard]] const std::vector<Operator>& activation();
[[nodiscard]] const std::vector<Operator>& arithmetic();
[[nodiscard]] const std::vector<Operator>& logic();      ///< comparisons, truth values, bits, choices
[[nodiscard]] const std::vector<Operator>& product();    ///< of matrices
[[nodiscard]] const std::vector<Operator>& reduction();  ///< sums and the like over axes, sorting
[[nodiscard]] const std::vector<Operator>& shape();      ///< moves or measures values
[[nodiscard]] const std::vector<Operator>& indexing();   ///< by positions that are values
[[nodiscard]] const std::vector<Operator>& padding();
[[nodiscard]] const std::vector<Operator>& constant();  ///< makes values
}  // namespace operators

}  // namespace fair::train
