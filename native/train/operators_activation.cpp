#include "native/train/operators.h"

namespace fair::train::operators {
namespace {

template <at::Tensor (*function)(const at::Tensor&)>
Kernel unary(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {function(in[0])}; };
}

at::Tensor hard_swish(const at::Tensor& x) { return at::hardswish(x); }
at::Tensor sigmoid(const at::Tensor& x) { return at::sigmoid(x); }
at::Tensor tanh(const at::Tensor& x) { return at::tanh(x); }
at::Tensor soft_plus(const at::Tensor& x) { return at::softplus(x); }
at::Tensor soft_sign(const at::Tensor& x) { return x / (x.abs() + 1); }
at::Tensor mish(const at::Tensor& x) { return at::mish(x); }

Kernel relu(const NodeContext& c) {
  if (c.in_place) {
    return [](Tensors& in) -> Tensors { return {at::relu_(in[0])}; };
  }
  return [](Tensors& in) -> Tensors { return {at::relu(in[0])}; };
}

Kernel leaky_relu(const NodeContext& c) {
  return [slope = c.node.real("alpha", 0.01)](Tensors& in) -> Tensors { return {at::leaky_relu(in[0], slope)}; };
}

Kernel prelu(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {at::where(in[0] < 0, in[0] * in[1], in[0])}; };
}

Kernel elu(const NodeContext& c) {
  return [alpha = c.node.real("alpha", 1.0)](Tensors& in) -> Tensors { return {at::elu(in[0], alpha)}; };
}

Kernel selu(const NodeContext& c) {
  return [alpha = c.node.real("alpha", 1.67326319217681884765625), gamma = c.node.real("gamma", 1.05070102214813232421875)](Tensors& in) -> Tensors {
    return {at::elu(in[0], alpha, gamma)};
  };
}

Kernel celu(const NodeContext& c) {
  return [alpha = c.node.real("alpha", 1.0)](Tensors& in) -> Tensors { return {at::celu(in[0], alpha)}; };
}

Kernel thresholded_relu(const NodeContext& c) {
  return [alpha = c.node.real("alpha", 1.0)](Tensors& in) -> Tensors { return {at::threshold(in[0], alpha, 0)}; };
}

Kernel shrink(const NodeContext& c) {
  return [bias = c.node.real("bias", 0.0), lambda = c.node.real("lambd", 0.5)](Tensors& in) -> Tensors {
    const auto& x = in[0];
    const auto none = at::zeros_like(x);
    return {at::where(x < -lambda, x + bias, at::where(x > lambda, x - bias, none))};
  };
}

Kernel hard_sigmoid(const NodeContext& c) {
  return [alpha = c.node.real("alpha", 0.2), beta = c.node.real("beta", 0.5)](Tensors& in) -> Tensors {
    return {at::clamp(in[0] * alpha + beta, 0, 1)};
  };
}

Kernel gelu(const NodeContext& c) {
  const auto how = c.node.text("approximate", "none");
  if (how != "none" && how != "tanh") throw Unsupported("approximate " + how);
  return [how](Tensors& in) -> Tensors { return {at::gelu(in[0], how)}; };
}

Kernel clip(const NodeContext& c) {
  const auto limit = [&](const char* name) {
    return c.node.attribute(name) ? c10::optional<at::Scalar>(c.node.real(name, 0.0)) : c10::optional<at::Scalar>();
  };
  return [low = limit("min"), high = limit("max")](Tensors& in) -> Tensors {
    auto from = low;
    auto to = high;
    if (const auto given = optional_input(in, 1); given.defined()) from = given.item();
    if (const auto given = optional_input(in, 2); given.defined()) to = given.item();
    if (!from && !to) return {in[0]};
    return {at::clamp(in[0], from, to)};
  };
}

at::Tensor softmax_of(const at::Tensor& x, std::int64_t axis) { return at::softmax(x, axis); }
at::Tensor log_softmax_of(const at::Tensor& x, std::int64_t axis) { return at::log_softmax(x, axis); }
at::Tensor hardmax_of(const at::Tensor& x, std::int64_t axis) { return at::zeros_like(x).scatter(axis, x.argmax(axis, true), 1); }

template <at::Tensor (*function)(const at::Tensor&, std::int64_t)>
Kernel over_axis(const NodeContext& c) {
  const bool flattens = c.opset < 13;  // older operators worked on rows made of all axes from `axis` on
  const auto axis = c.node.integer("axis", flattens ? 1 : -1);
  return [axis, flattens](Tensors& in) -> Tensors {
    const auto& x = in[0];
    const auto first = from_front(axis, x.dim());
    if (!flattens || first == x.dim() - 1) return {function(x, first)};
    return {function(x.flatten(first), first).view(x.sizes())};
  };
}

}  // namespace

const std::vector<Operator>& activation() {
  static const std::vector<Operator> table{
      {"Relu", relu, 1, ""},
      {"LeakyRelu", leaky_relu, 1, ""},
      {"PRelu", prelu, 1, ""},
      {"Elu", elu, 1, ""},
      {"Selu", selu, 1, ""},
      {"Celu", celu, 12, ""},
      {"ThresholdedRelu", thresholded_relu, 10, ""},
      {"Shrink", shrink, 9, ""},
      {"Gelu", gelu, 20, ""},
      {"Mish", unary<mish>, 18, ""},
      {"Softplus", unary<soft_plus>, 1, ""},
      {"Softsign", unary<soft_sign>, 1, ""},
      {"HardSwish", unary<hard_swish>, 14, ""},
      {"HardSigmoid", hard_sigmoid, 1, ""},
      {"Sigmoid", unary<sigmoid>, 1, ""},
      {"Tanh", unary<tanh>, 1, ""},
      {"Clip", clip, 1, ""},
      {"Softmax", over_axis<softmax_of>, 1, "before opset 13 over all axes from `axis` on"},
      {"LogSoftmax", over_axis<log_softmax_of>, 1, "before opset 13 over all axes from `axis` on"},
      {"Hardmax", over_axis<hardmax_of>, 1, "no gradient"},
  };
  return table;
}

}  // namespace fair::train::operators
