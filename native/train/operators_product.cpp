#include "native/train/operators.h"

namespace fair::train::operators {
namespace {

Kernel matmul(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {at::matmul(in[0], in[1])}; };
}

Kernel gemm(const NodeContext& c) {
  return [ta = c.node.integer("transA", 0) != 0, tb = c.node.integer("transB", 0) != 0, alpha = c.node.real("alpha", 1.0),
          beta = c.node.real("beta", 1.0)](Tensors& in) -> Tensors {
    const auto a = ta ? in[0].t() : in[0];
    const auto b = tb ? in[1].t() : in[1];
    if (const auto more = optional_input(in, 2); more.defined()) return {at::addmm(more, a, b, beta, alpha)};
    const auto y = at::mm(a, b);
    return {alpha == 1.0 ? y : y * alpha};
  };
}

Kernel einsum(const NodeContext& c) {
  return [equation = c.node.text("equation", "")](Tensors& in) -> Tensors { return {at::einsum(equation, in)}; };
}

Kernel determinant(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {at::det(in[0])}; };
}

}  // namespace

const std::vector<Operator>& product() {
  static const std::vector<Operator> table{
      {"MatMul", matmul, 1, ""},
      {"Gemm", gemm, 1, ""},
      {"Einsum", einsum, 12, ""},
      {"Det", determinant, 11, ""},
  };
  return table;
}

}  // namespace fair::train::operators
