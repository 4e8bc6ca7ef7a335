#include <limits>

#include "native/train/operators.h"

namespace fair::train::operators {
namespace {

template <at::Tensor (*function)(const at::Tensor&)>
Kernel unary(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {function(in[0])}; };
}

template <at::Tensor (*function)(const at::Tensor&, const at::Tensor&)>
Kernel binary(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {function(in[0], in[1])}; };
}

at::Tensor plus(const at::Tensor& a, const at::Tensor& b) { return at::add(a, b); }
at::Tensor minus(const at::Tensor& a, const at::Tensor& b) { return at::sub(a, b); }
at::Tensor times(const at::Tensor& a, const at::Tensor& b) { return at::mul(a, b); }
at::Tensor power(const at::Tensor& a, const at::Tensor& b) {
  return b.dim() == 0 && !b.requires_grad() ? at::pow(a, b.item()) : at::pow(a, b.to(a.scalar_type()));
}
at::Tensor divide(const at::Tensor& a, const at::Tensor& b) { return at::isFloatingType(a.scalar_type()) ? at::div(a, b) : at::div(a, b, "trunc"); }
at::Tensor product(const at::Tensor& a, const at::Tensor& b) { return at::matmul(a, b); }
at::Tensor equal(const at::Tensor& a, const at::Tensor& b) { return at::eq(a, b); }
at::Tensor swish(const at::Tensor& x) { return at::hardswish(x); }
at::Tensor logistic(const at::Tensor& x) { return at::sigmoid(x); }
at::Tensor hyperbolic(const at::Tensor& x) { return at::tanh(x); }
at::Tensor error_function(const at::Tensor& x) { return at::erf(x); }
at::Tensor root(const at::Tensor& x) { return at::sqrt(x); }
at::Tensor exponential(const at::Tensor& x) { return at::exp(x); }
at::Tensor logarithm(const at::Tensor& x) { return at::log(x); }
at::Tensor magnitude(const at::Tensor& x) { return at::abs(x); }
at::Tensor negated(const at::Tensor& x) { return at::neg(x); }
at::Tensor reciprocal(const at::Tensor& x) { return at::reciprocal(x); }
at::Tensor down(const at::Tensor& x) { return at::floor(x); }
at::Tensor up(const at::Tensor& x) { return at::ceil(x); }
at::Tensor soft_plus(const at::Tensor& x) { return at::softplus(x); }
at::Tensor mish(const at::Tensor& x) { return at::mish(x); }

Kernel relu(const NodeContext& c) {
  if (c.in_place) {
    return [](Tensors& in) -> Tensors { return {at::relu_(in[0])}; };
  }
  return [](Tensors& in) -> Tensors { return {at::relu(in[0])}; };
}

Kernel add(const NodeContext& c) {
  if (c.in_place) {
    return [](Tensors& in) -> Tensors {
      if (in[0].sizes() == in[1].sizes()) return {in[0].add_(in[1])};
      return {at::add(in[0], in[1])};
    };
  }
  return binary<plus>(c);
}

Kernel leaky_relu(const NodeContext& c) {
  return [slope = c.node.real("alpha", 0.01)](Tensors& in) -> Tensors { return {at::leaky_relu(in[0], slope)}; };
}
Kernel elu(const NodeContext& c) {
  return [alpha = c.node.real("alpha", 1.0)](Tensors& in) -> Tensors { return {at::elu(in[0], alpha)}; };
}
Kernel prelu(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {at::where(in[0] < 0, in[0] * in[1], in[0])}; };
}
Kernel hard_sigmoid(const NodeContext& c) {
  return [alpha = c.node.real("alpha", 0.2), beta = c.node.real("beta", 0.5)](Tensors& in) -> Tensors {
    return {at::clamp(in[0] * alpha + beta, 0, 1)};
  };
}
Kernel gelu(const NodeContext& c) {
  return [how = c.node.text("approximate", "none")](Tensors& in) -> Tensors { return {at::gelu(in[0], how)}; };
}

template <at::Tensor (*function)(const at::Tensor&, std::int64_t)>
Kernel soft(const NodeContext& c) {
  const bool flattens = c.opset < 13;  // older operators worked on rows made of all axes from `axis` on
  const auto axis = c.node.integer("axis", flattens ? 1 : -1);
  return [axis, flattens](Tensors& in) -> Tensors {
    const auto& x = in[0];
    const auto first = axis < 0 ? axis + x.dim() : axis;
    if (!flattens || first == x.dim() - 1) return {function(x, first)};
    return {function(x.flatten(first), first).view(x.sizes())};
  };
}
at::Tensor softmax_of(const at::Tensor& x, std::int64_t axis) { return at::softmax(x, axis); }
at::Tensor log_softmax_of(const at::Tensor& x, std::int64_t axis) { return at::log_softmax(x, axis); }

Kernel clip(const NodeContext& c) {
  const auto* low = c.node.attribute("min");
  const auto* high = c.node.attribute("max");
  const c10::optional<at::Scalar> fixed_low = low ? c10::optional<at::Scalar>(static_cast<double>(low->f)) : c10::nullopt;
  const c10::optional<at::Scalar> fixed_high = high ? c10::optional<at::Scalar>(static_cast<double>(high->f)) : c10::nullopt;
  return [fixed_low, fixed_high](Tensors& in) -> Tensors {
    auto from = fixed_low;
    auto to = fixed_high;
    if (in.size() > 1 && in[1].defined()) from = in[1].item();
    if (in.size() > 2 && in[2].defined()) to = in[2].item();
    if (!from && !to) return {in[0]};
    return {at::clamp(in[0], from, to)};
  };
}

Kernel gemm(const NodeContext& c) {
  return [ta = c.node.integer("transA", 0) != 0, tb = c.node.integer("transB", 0) != 0, alpha = c.node.real("alpha", 1.0),
          beta = c.node.real("beta", 1.0)](Tensors& in) -> Tensors {
    const auto a = ta ? in[0].t() : in[0];
    const auto b = tb ? in[1].t() : in[1];
    if (in.size() > 2 && in[2].defined()) return {at::addmm(in[2], a, b, beta, alpha)};
    const auto y = at::mm(a, b);
    return {alpha == 1.0 ? y : y * alpha};
  };
}

template <at::Tensor (*function)(const at::Tensor&, at::IntArrayRef, bool)>
Kernel reduce(const NodeContext& c) {
  return [axes = c.node.integers("axes"), keep = c.node.integer("keepdims", 1) != 0,
          nothing = c.node.integer("noop_with_empty_axes", 0) != 0](Tensors& in) -> Tensors {
    auto over = axes;
    if (in.size() > 1 && in[1].defined()) {
      const auto given = in[1].to(at::kLong).contiguous();
      over.assign(given.data_ptr<std::int64_t>(), given.data_ptr<std::int64_t>() + given.numel());
    }
    if (over.empty()) {
      if (nothing) return {in[0]};
      for (std::int64_t i = 0; i < in[0].dim(); ++i) over.push_back(i);
    }
    return {function(in[0], over, keep)};
  };
}
at::Tensor mean_over(const at::Tensor& x, at::IntArrayRef axes, bool keep) { return at::mean(x, axes, keep); }
at::Tensor sum_over(const at::Tensor& x, at::IntArrayRef axes, bool keep) { return at::sum(x, axes, keep); }
at::Tensor max_over(const at::Tensor& x, at::IntArrayRef axes, bool keep) { return at::amax(x, axes, keep); }

template <at::Tensor (*function)(const at::Tensor&, const at::Tensor&)>
Kernel fold(const NodeContext&) {
  return [](Tensors& in) -> Tensors {
    auto y = in[0];
    for (std::size_t i = 1; i < in.size(); ++i) y = function(y, in[i]);
    return {y};
  };
}
at::Tensor larger(const at::Tensor& a, const at::Tensor& b) { return at::maximum(a, b); }
at::Tensor smaller(const at::Tensor& a, const at::Tensor& b) { return at::minimum(a, b); }

Kernel where(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {at::where(in[0], in[1], in[2])}; };
}

}  // namespace

const std::vector<Entry>& elementwise() {
  static const std::vector<Entry> table{
      {"Relu", relu},
      {"LeakyRelu", leaky_relu},
      {"PRelu", prelu},
      {"Elu", elu},
      {"Gelu", gelu},
      {"Mish", unary<mish>},
      {"Softplus", unary<soft_plus>},
      {"HardSwish", unary<swish>},
      {"HardSigmoid", hard_sigmoid},
      {"Sigmoid", unary<logistic>},
      {"Tanh", unary<hyperbolic>},
      {"Softmax", soft<softmax_of>},
      {"LogSoftmax", soft<log_softmax_of>},
      {"Erf", unary<error_function>},
      {"Sqrt", unary<root>},
      {"Exp", unary<exponential>},
      {"Log", unary<logarithm>},
      {"Abs", unary<magnitude>},
      {"Neg", unary<negated>},
      {"Reciprocal", unary<reciprocal>},
      {"Floor", unary<down>},
      {"Ceil", unary<up>},
      {"Clip", clip},
      {"Add", add},
      {"Sub", binary<minus>},
      {"Mul", binary<times>},
      {"Div", binary<divide>},
      {"Pow", binary<power>},
      {"Equal", binary<equal>},
      {"Sum", fold<plus>},
      {"Max", fold<larger>},
      {"Min", fold<smaller>},
      {"Where", where},
      {"MatMul", binary<product>},
      {"Gemm", gemm},
      {"ReduceMean", reduce<mean_over>},
      {"ReduceSum", reduce<sum_over>},
      {"ReduceMax", reduce<max_over>},
  };
  return table;
}

}  // namespace fair::train::operators
