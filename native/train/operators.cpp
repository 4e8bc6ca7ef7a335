#include "native/train/operators.h"

#include <map>

namespace fair::train {

Prepare find_operator(std::string_view op) {
  static const std::map<std::string_view, Prepare> table = [] {
    std::map<std::string_view, Prepare> all;
    for (const auto* group : {&operators::convolution(), &operators::normalisation(), &operators::elementwise(), &operators::shape()}) {
      for (const auto& entry : *group) all.emplace(entry.op, entry.prepare);
    }
    return all;
  }();
  const auto found = table.find(op);
  return found == table.end() ? nullptr : found->second;
}

namespace {

struct Kind {
  at::ScalarType type;
  bool real;
};

Kind kind_of(const onnx::Tensor& t) {
  using onnx::ElementType;
  switch (t.type) {
    case ElementType::f32: return {at::kFloat, true};
    case ElementType::f64: return {at::kDouble, true};
    case ElementType::f16: return {at::kHalf, true};
    case ElementType::bf16: return {at::kBFloat16, true};
    case ElementType::i64: return {at::kLong, false};
    case ElementType::i32: return {at::kInt, false};
    case ElementType::u8: return {at::kByte, false};
    case ElementType::i8: return {at::kChar, false};
    case ElementType::boolean: return {at::kBool, false};
    default: throw Unsupported("a tensor of type " + std::string(onnx::name(t.type)) + " ('" + t.name + "')");
  }
}

}  // namespace

at::Tensor to_tensor(const onnx::Tensor& t, at::ScalarType real) {
  const auto kind = kind_of(t);
  const auto view = at::from_blob(const_cast<char*>(t.raw.data()), t.dims, at::TensorOptions().dtype(kind.type));
  return kind.real ? view.to(real, /*non_blocking=*/false, /*copy=*/true) : view.clone();
}

}  // namespace fair::train
