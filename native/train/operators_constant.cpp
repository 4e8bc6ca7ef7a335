#include <algorithm>
#include <cmath>
#include <limits>

#include "native/train/operators.h"

namespace fair::train::operators {
namespace {

at::Tensor as_tensor(const std::vector<std::int64_t>& values) { return at::tensor(values, at::kLong); }

Kernel constant(const NodeContext& c) {
  at::Tensor value;
  const auto real = at::TensorOptions().dtype(c.real);
  if (const auto* a = c.node.attribute("value"); a && a->tensor) value = to_tensor(*a->tensor, c.real);
  else if (const auto* f = c.node.attribute("value_float")) value = at::scalar_tensor(static_cast<double>(f->f), real);
  else if (const auto* fs = c.node.attribute("value_floats")) value = at::tensor(fs->floats, real);
  else if (const auto* i = c.node.attribute("value_int")) value = at::scalar_tensor(i->i, at::kLong);
  else if (const auto* is = c.node.attribute("value_ints")) value = as_tensor(is->ints);
  else throw Unsupported("a constant that is no dense tensor of numbers");
  return [value](Tensors&) -> Tensors { return {value}; };
}

Kernel constant_of_shape(const NodeContext& c) {
  const auto* a = c.node.attribute("value");
  const auto value = a && a->tensor ? to_tensor(*a->tensor, c.real) : at::zeros({1}, c.real);
  return [value](Tensors& in) -> Tensors { return {value.expand(numbers(in[0])).clone()}; };
}

Kernel range(const NodeContext&) {
  return [](Tensors& in) -> Tensors {
    const auto type = in[0].scalar_type();
    if (at::isFloatingType(type)) {
      const double start = in[0].item<double>();
      const double step = in[2].item<double>();
      if (step == 0) throw Unsupported("a delta of 0");
      const auto count = std::max<std::int64_t>(static_cast<std::int64_t>(std::ceil((in[1].item<double>() - start) / step)), 0);
      return {at::arange(count, in[0].options()) * step + start};
    }
    const auto start = in[0].item<std::int64_t>();
    const auto end = in[1].item<std::int64_t>();
    const auto step = in[2].item<std::int64_t>();
    if (step == 0) throw Unsupported("a delta of 0");
    if (step > 0 ? end <= start : end >= start) return {at::empty({0}, type)};
    return {at::arange(start, end, step, type)};
  };
}

Kernel shape_of(const NodeContext& c) {
  return [start = c.node.integer("start", 0), end = c.node.integer("end", std::numeric_limits<std::int64_t>::max())](Tensors& in) -> Tensors {
    const auto rank = in[0].dim();
    const auto place = [rank](std::int64_t v) { return std::clamp<std::int64_t>(v < 0 ? v + rank : v, 0, rank); };
    const auto sizes = in[0].sizes().vec();
    return {as_tensor({sizes.begin() + place(start), sizes.begin() + std::max(place(start), place(end))})};
  };
}

Kernel size_of_all(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {at::scalar_tensor(in[0].numel(), at::kLong)}; };
}

at::ScalarType scalar_type(std::int64_t type, at::ScalarType real) {
  using onnx::ElementType;
  switch (static_cast<ElementType>(type)) {
    case ElementType::f32:
    case ElementType::f64:
    case ElementType::f16:
    case ElementType::bf16: return real;
    case ElementType::i64: return at::kLong;
    case ElementType::i32: return at::kInt;
    case ElementType::i16: return at::kShort;
    case ElementType::i8: return at::kChar;
    case ElementType::u8: return at::kByte;
    case ElementType::boolean: return at::kBool;
    default: throw Unsupported("element type " + std::string(onnx::name(static_cast<ElementType>(type))));
  }
}

Kernel cast(const NodeContext& c) {
  return [to = scalar_type(c.node.integer("to", 1), c.real)](Tensors& in) -> Tensors { return {in[0].to(to)}; };
}

Kernel cast_like(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {in[0].to(in[1].scalar_type())}; };
}

Kernel eye_like(const NodeContext& c) {
  const auto* type = c.node.attribute("dtype");
  return
      [to = type ? c10::optional<at::ScalarType>(scalar_type(type->i, c.real)) : c10::nullopt, k = c.node.integer("k", 0)](Tensors& in) -> Tensors {
        if (in[0].dim() != 2) throw Unsupported("an identity of " + std::to_string(in[0].dim()) + " axes");
        const auto options = in[0].options().dtype(to ? *to : in[0].scalar_type());
        const auto rows = at::arange(in[0].size(0), in[0].options().dtype(at::kLong)).unsqueeze(1);
        const auto columns = at::arange(in[0].size(1), in[0].options().dtype(at::kLong)).unsqueeze(0);
        return {columns.eq(rows + k).to(options)};
      };
}

}  // namespace

const std::vector<Operator>& constant() {
  static const std::vector<Operator> table{
      {"Constant", constant, 1, "dense numbers"},
      {"ConstantOfShape", constant_of_shape, 9, ""},
      {"Range", range, 11, ""},
      {"Shape", shape_of, 1, ""},
      {"Size", size_of_all, 1, ""},
      {"Cast", cast, 1, "every floating-point type is computed in one; no text, no unsigned 16 to 64 bits"},
      {"CastLike", cast_like, 15, ""},
      {"EyeLike", eye_like, 9, ""},
  };
  return table;
}

}  // namespace fair::train::operators
