#include "native/train/batch_norm.h"
#include "native/train/operators.h"

namespace fair::train::operators {
namespace {

Kernel normalise_batch(const NodeContext& c) {
  BatchNormOptions options;
  // ONNX counts the share of the old statistics, PyTorch that of the new ones.
  options.momentum = 1.0 - c.node.real("momentum", 0.9);
  options.epsilon = c.node.real("epsilon", 1e-5);
  options.relu = c.relu_follows;
  return [mode = c.mode, options, frozen = c.frozen](Tensors& in) -> Tensors {
    auto now = options;
    now.training = mode->training && !frozen;
    return {batch_norm(in[0], in[1], in[2], in[3], in[4], now)};
  };
}

Kernel instance_norm(const NodeContext& c) {
  const double epsilon = c.node.real("epsilon", 1e-5);
  return [epsilon](Tensors& in) -> Tensors { return {at::instance_norm(in[0], in[1], in[2], {}, {}, true, 0.0, epsilon, true)}; };
}

Kernel layer_norm(const NodeContext& c) {
  if (c.node.outputs.size() > 1) throw Unsupported("more than its first output");
  const double epsilon = c.node.real("epsilon", 1e-5);
  const auto axis = c.node.integer("axis", -1);
  return [epsilon, axis](Tensors& in) -> Tensors {
    const auto first = axis < 0 ? axis + in[0].dim() : axis;
    return {at::layer_norm(in[0], in[0].sizes().slice(static_cast<std::size_t>(first)), in[1], in.size() > 2 ? in[2] : at::Tensor(), epsilon)};
  };
}

Kernel group_norm(const NodeContext& c) {
  const double epsilon = c.node.real("epsilon", 1e-5);
  const auto groups = c.node.integer("num_groups", 1);
  return [epsilon, groups](Tensors& in) -> Tensors {
    const auto channels = in[0].size(1);
    // Up to opset 20 scale and bias were given a group, since then a channel.
    const auto spread = [&](const at::Tensor& t) { return t.numel() == channels ? t : t.repeat_interleave(channels / groups); };
    return {at::group_norm(in[0], groups, spread(in[1]), spread(in[2]), epsilon)};
  };
}

}  // namespace

const std::vector<Entry>& normalisation() {
  static const std::vector<Entry> table{
      {"BatchNormalization", normalise_batch},
      {"InstanceNormalization", instance_norm},
      {"LayerNormalization", layer_norm},
      {"GroupNormalization", group_norm},
  };
  return table;
}

}  // namespace fair::train::operators
