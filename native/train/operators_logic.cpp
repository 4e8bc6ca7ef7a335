#include "native/train/operators.h"

namespace fair::train::operators {
namespace {

template <at::Tensor (*function)(const at::Tensor&, const at::Tensor&)>
Kernel binary(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {function(in[0], in[1])}; };
}

at::Tensor equal(const at::Tensor& a, const at::Tensor& b) { return at::eq(a, b); }
at::Tensor greater(const at::Tensor& a, const at::Tensor& b) { return at::gt(a, b); }
at::Tensor less(const at::Tensor& a, const at::Tensor& b) { return at::lt(a, b); }
at::Tensor greater_or_equal(const at::Tensor& a, const at::Tensor& b) { return at::ge(a, b); }
at::Tensor less_or_equal(const at::Tensor& a, const at::Tensor& b) { return at::le(a, b); }
at::Tensor both(const at::Tensor& a, const at::Tensor& b) { return at::logical_and(a, b); }
at::Tensor either(const at::Tensor& a, const at::Tensor& b) { return at::logical_or(a, b); }
at::Tensor one_of(const at::Tensor& a, const at::Tensor& b) { return at::logical_xor(a, b); }
at::Tensor bits_and(const at::Tensor& a, const at::Tensor& b) { return at::bitwise_and(a, b); }
at::Tensor bits_or(const at::Tensor& a, const at::Tensor& b) { return at::bitwise_or(a, b); }
at::Tensor bits_xor(const at::Tensor& a, const at::Tensor& b) { return at::bitwise_xor(a, b); }

Kernel negation(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {at::logical_not(in[0])}; };
}

Kernel bits_not(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {at::bitwise_not(in[0])}; };
}

Kernel is_nan(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {at::isnan(in[0])}; };
}

Kernel is_infinite(const NodeContext& c) {
  return [up = c.node.integer("detect_positive", 1) != 0, down = c.node.integer("detect_negative", 1) != 0](Tensors& in) -> Tensors {
    const auto any = at::isinf(in[0]);
    if (up && down) return {any};
    if (!up && !down) return {at::zeros_like(any)};
    return {at::logical_and(any, up ? in[0] > 0 : in[0] < 0)};
  };
}

Kernel where(const NodeContext&) {
  return [](Tensors& in) -> Tensors {
    const auto& device = in[1].dim() > 0 ? in[1].device() : in[2].device();
    return {at::where(in[0].to(device), in[1].to(device), in[2].to(device))};
  };
}

}  // namespace

const std::vector<Operator>& logic() {
  static const std::vector<Operator> table{
      {"Equal", binary<equal>, 1, "no gradient"},
      {"Greater", binary<greater>, 1, "no gradient"},
      {"Less", binary<less>, 1, "no gradient"},
      {"GreaterOrEqual", binary<greater_or_equal>, 12, "no gradient"},
      {"LessOrEqual", binary<less_or_equal>, 12, "no gradient"},
      {"And", binary<both>, 1, "no gradient"},
      {"Or", binary<either>, 1, "no gradient"},
      {"Xor", binary<one_of>, 1, "no gradient"},
      {"Not", negation, 1, "no gradient"},
      {"BitwiseAnd", binary<bits_and>, 18, "no gradient"},
      {"BitwiseOr", binary<bits_or>, 18, "no gradient"},
      {"BitwiseXor", binary<bits_xor>, 18, "no gradient"},
      {"BitwiseNot", bits_not, 18, "no gradient"},
      {"IsNaN", is_nan, 9, "no gradient"},
      {"IsInf", is_infinite, 10, "no gradient"},
      {"Where", where, 9, ""},
  };
  return table;
}

}  // namespace fair::train::operators
