#include "native/train/operators.h"

namespace fair::train::operators {
namespace {

using One = at::Tensor (*)(const at::Tensor&);
using Two = at::Tensor (*)(const at::Tensor&, const at::Tensor&);

template <One function>
Kernel unary(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {function(in[0])}; };
}

template <Two function>
Kernel binary(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {function(in[0], in[1])}; };
}

/// Any number of inputs, two by two.
template <Two function>
Kernel fold(const NodeContext&) {
  return [](Tensors& in) -> Tensors {
    auto y = in[0];
    for (std::size_t i = 1; i < in.size(); ++i) y = function(y, in[i]);
    return {y};
  };
}

at::Tensor plus(const at::Tensor& a, const at::Tensor& b) { return at::add(a, b); }
at::Tensor minus(const at::Tensor& a, const at::Tensor& b) { return at::sub(a, b); }
at::Tensor times(const at::Tensor& a, const at::Tensor& b) { return at::mul(a, b); }
at::Tensor divide(const at::Tensor& a, const at::Tensor& b) { return at::isFloatingType(a.scalar_type()) ? at::div(a, b) : at::div(a, b, "trunc"); }
at::Tensor power(const at::Tensor& a, const at::Tensor& b) {
  // One exponent for all, as in squares and roots: its gradient is not wanted, and that of the base is finite at 0.
  if (b.numel() == 1 && b.dim() <= a.dim() && !b.requires_grad()) return at::pow(a, b.item()).to(a.scalar_type());
  if (!at::isFloatingType(a.scalar_type())) return at::pow(a.to(at::kDouble), b).to(a.scalar_type());
  return at::pow(a, b.to(a.scalar_type()));
}
at::Tensor larger(const at::Tensor& a, const at::Tensor& b) { return at::maximum(a, b); }
at::Tensor smaller(const at::Tensor& a, const at::Tensor& b) { return at::minimum(a, b); }

at::Tensor square_root(const at::Tensor& x) { return at::sqrt(x); }
at::Tensor exponential(const at::Tensor& x) { return at::exp(x); }
at::Tensor logarithm(const at::Tensor& x) { return at::log(x); }
at::Tensor magnitude(const at::Tensor& x) { return at::abs(x); }
at::Tensor negated(const at::Tensor& x) { return at::neg(x); }
at::Tensor reciprocal(const at::Tensor& x) { return at::reciprocal(x); }
at::Tensor floor(const at::Tensor& x) { return at::floor(x); }
at::Tensor ceil(const at::Tensor& x) { return at::ceil(x); }
at::Tensor round(const at::Tensor& x) { return at::round(x); }  // halves to even, as ONNX wants them
at::Tensor sign(const at::Tensor& x) { return at::sign(x); }
at::Tensor error_function(const at::Tensor& x) { return at::erf(x); }
at::Tensor sin(const at::Tensor& x) { return at::sin(x); }
at::Tensor cos(const at::Tensor& x) { return at::cos(x); }
at::Tensor tan(const at::Tensor& x) { return at::tan(x); }
at::Tensor asin(const at::Tensor& x) { return at::asin(x); }
at::Tensor acos(const at::Tensor& x) { return at::acos(x); }
at::Tensor atan(const at::Tensor& x) { return at::atan(x); }
at::Tensor sinh(const at::Tensor& x) { return at::sinh(x); }
at::Tensor cosh(const at::Tensor& x) { return at::cosh(x); }
at::Tensor asinh(const at::Tensor& x) { return at::asinh(x); }
at::Tensor acosh(const at::Tensor& x) { return at::acosh(x); }
at::Tensor atanh(const at::Tensor& x) { return at::atanh(x); }

Kernel add(const NodeContext& c) {
  if (!c.in_place) return binary<plus>(c);
  return [](Tensors& in) -> Tensors {
    if (in[0].sizes() == in[1].sizes()) return {in[0].add_(in[1])};
    return {at::add(in[0], in[1])};
  };
}

Kernel mean(const NodeContext&) {
  return [](Tensors& in) -> Tensors {
    auto y = in[0];
    for (std::size_t i = 1; i < in.size(); ++i) y = at::add(y, in[i]);
    return {y / static_cast<double>(in.size())};
  };
}

Kernel modulo(const NodeContext& c) {
  return
      [like_c = c.node.integer("fmod", 0) != 0](Tensors& in) -> Tensors { return {like_c ? at::fmod(in[0], in[1]) : at::remainder(in[0], in[1])}; };
}

}  // namespace

const std::vector<Operator>& arithmetic() {
  static const std::vector<Operator> table{
      {"Add", add, 1, ""},
      {"Sub", binary<minus>, 1, ""},
      {"Mul", binary<times>, 1, ""},
      {"Div", binary<divide>, 1, ""},
      {"Pow", binary<power>, 1, ""},
      {"Mod", modulo, 10, ""},
      {"Sum", fold<plus>, 1, ""},
      {"Mean", mean, 1, ""},
      {"Max", fold<larger>, 1, ""},
      {"Min", fold<smaller>, 1, ""},
      {"Sqrt", unary<square_root>, 1, ""},
      {"Exp", unary<exponential>, 1, ""},
      {"Log", unary<logarithm>, 1, ""},
      {"Abs", unary<magnitude>, 1, ""},
      {"Neg", unary<negated>, 1, ""},
      {"Reciprocal", unary<reciprocal>, 1, ""},
      {"Floor", unary<floor>, 1, "gradient 0"},
      {"Ceil", unary<ceil>, 1, "gradient 0"},
      {"Round", unary<round>, 11, "gradient 0"},
      {"Sign", unary<sign>, 9, "gradient 0"},
      {"Erf", unary<error_function>, 9, ""},
      {"Sin", unary<sin>, 7, ""},
      {"Cos", unary<cos>, 7, ""},
      {"Tan", unary<tan>, 7, ""},
      {"Asin", unary<asin>, 7, ""},
      {"Acos", unary<acos>, 7, ""},
      {"Atan", unary<atan>, 7, ""},
      {"Sinh", unary<sinh>, 9, ""},
      {"Cosh", unary<cosh>, 9, ""},
      {"Asinh", unary<asinh>, 9, ""},
      {"Acosh", unary<acosh>, 9, ""},
      {"Atanh", unary<atanh>, 9, ""},
  };
  return table;
}

}  // namespace fair::train::operators
