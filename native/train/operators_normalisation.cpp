#include <algorithm>

#include "native/train/batch_norm.h"
#include "native/train/operators.h"
#include "native/train/sync_batch_norm.h"

namespace fair::train::operators {
namespace {

Kernel normalise_batch(const NodeContext& c) {
  BatchNormOptions options;
  // ONNX counts the share of the old statistics, PyTorch that of the new ones.
  options.momentum = 1.0 - c.node.real("momentum", 0.9);
  options.epsilon = c.node.real("epsilon", 1e-5);
  options.activation = c.activation;
  const auto& outputs = c.node.outputs;
  const auto named = std::count_if(outputs.begin(), outputs.end(), [](const auto& name) { return !name.empty(); });
  // A graph exported in training mode normalises by its batch whoever runs it.
  const bool always = c.node.integer("training_mode", 0) != 0 || (c.opset < 14 && named > 1);
  return [mode = c.mode, options, frozen = c.frozen, always, named](Tensors& in) -> Tensors {
    auto now = options;
    const bool moves = mode->training && !frozen;
    now.training = moves || always;
    const bool keeps = always && !moves;
    if (moves && named == 1 && mode->group != nullptr) return {sync_batch_norm(in[0], in[1], in[2], in[3], in[4], now, *mode->group)};
    Tensors out{batch_norm(in[0], in[1], in[2], keeps ? in[3].clone() : in[3], keeps ? in[4].clone() : in[4], now)};
    if (named > 1) {
      auto over = std::vector<std::int64_t>{0};
      for (std::int64_t i = 2; i < in[0].dim(); ++i) over.push_back(i);
      const auto x = in[0].detach();
      out.push_back(moves ? in[3] : at::lerp(in[3], x.mean(over), options.momentum));
      out.push_back(moves ? in[4] : at::lerp(in[4], x.var(over, /*unbiased=*/false), options.momentum));
    }
    return out;
  };
}

Kernel instance_norm(const NodeContext& c) {
  const double epsilon = c.node.real("epsilon", 1e-5);
  return [epsilon](Tensors& in) -> Tensors { return {at::instance_norm(in[0], in[1], in[2], {}, {}, true, 0.0, epsilon, true)}; };
}

Kernel layer_norm(const NodeContext& c) {
  const double epsilon = c.node.real("epsilon", 1e-5);
  const auto axis = c.node.integer("axis", -1);
  const bool wants_statistics = c.node.outputs.size() > 1;
  return [epsilon, axis, wants_statistics](Tensors& in) -> Tensors {
    const auto& x = in[0];
    const auto first = from_front(axis, x.dim());
    const auto shape = x.sizes().slice(static_cast<std::size_t>(first));
    const auto shift = optional_input(in, 2);
    const bool whole = in[1].sizes() == shape && (!shift.defined() || shift.sizes() == shape);
    auto [y, mean, inverse] = at::native_layer_norm(x, shape, whole ? in[1] : at::Tensor(), whole ? shift : at::Tensor(), epsilon);
    if (!whole) {
      y = y * in[1];
      if (shift.defined()) y = y + shift;
    }
    if (!wants_statistics) return {y};
    return {y, mean, inverse};
  };
}

Kernel group_norm(const NodeContext& c) {
  const double epsilon = c.node.real("epsilon", 1e-5);
  const auto groups = c.node.integer("num_groups", 1);
  return [epsilon, groups](Tensors& in) -> Tensors {
    const auto channels = in[0].size(1);
    if (groups < 1 || channels % groups != 0) throw Unsupported(std::to_string(groups) + " groups of " + std::to_string(channels) + " channels");
    // Up to opset 20 scale and bias were given a group, since then a channel.
    const auto spread = [&](const at::Tensor& t) { return t.numel() == channels ? t : t.repeat_interleave(channels / groups); };
    return {at::group_norm(in[0], groups, spread(in[1]), spread(in[2]), epsilon)};
  };
}

/// Divides by the squares of neighbouring channels (AlexNet's).
Kernel local_response(const NodeContext& c) {
  return [alpha = c.node.real("alpha", 1e-4), beta = c.node.real("beta", 0.75), bias = c.node.real("bias", 1.0),
          size = c.node.integer("size", 1)](Tensors& in) -> Tensors {
    std::vector<std::int64_t> pads(static_cast<std::size_t>(2 * (in[0].dim() - 1)), 0);
    pads[pads.size() - 2] = (size - 1) / 2;
    pads[pads.size() - 1] = size - 1 - (size - 1) / 2;
    const auto squares = at::constant_pad_nd(in[0].square(), pads, 0).unfold(1, size, 1).sum(-1);
    return {in[0] / (squares * (alpha / static_cast<double>(size)) + bias).pow(beta)};
  };
}

Kernel lp_normalise(const NodeContext& c) {
  return [axis = c.node.integer("axis", -1), p = static_cast<double>(c.node.integer("p", 2))](Tensors& in) -> Tensors {
    const auto norm = at::linalg_vector_norm(in[0], p, {axis}, true);
    return {in[0] / at::where(norm == 0, at::ones_like(norm), norm)};
  };
}

Kernel mean_variance(const NodeContext& c) {
  return [axes = c.node.integers("axes", {0, 2, 3})](Tensors& in) -> Tensors {
    const auto centred = in[0] - in[0].mean(axes, true);
    return {centred / (centred.square().mean(axes, true).sqrt() + 1e-9)};
  };
}

}  // namespace

const std::vector<Operator>& normalisation() {
  static const std::vector<Operator> table{
      {"BatchNormalization", normalise_batch, 1, "training_mode 1: by the batch when predicting too"},
      {"InstanceNormalization", instance_norm, 1, ""},
      {"LayerNormalization", layer_norm, 17, ""},
      {"GroupNormalization", group_norm, 18, "scale and bias a group (18 to 20) or a channel (21)"},
      {"LRN", local_response, 1, ""},
      {"LpNormalization", lp_normalise, 1, ""},
      {"MeanVarianceNormalization", mean_variance, 9, ""},
  };
  return table;
}

}  // namespace fair::train::operators
