#include "native/train/operators.h"

#include <algorithm>

namespace fair::train {

const std::vector<Operator>& all_operators() {
  static const std::vector<Operator> table = [] {
    std::vector<Operator> all;
    for (const auto* group : {&operators::convolution(), &operators::pooling(), &operators::resizing(), &operators::normalisation(),
                              &operators::activation(), &operators::arithmetic(), &operators::logic(), &operators::product(), &operators::reduction(),
                              &operators::shape(), &operators::indexing(), &operators::padding(), &operators::constant()}) {
      all.insert(all.end(), group->begin(), group->end());
    }
    std::sort(all.begin(), all.end(), [](const Operator& a, const Operator& b) { return a.op < b.op; });
    return all;
  }();
  return table;
}

Prepare find_operator(std::string_view op) {
  const auto& all = all_operators();
  const auto found = std::lower_bound(all.begin(), all.end(), op, [](const Operator& a, std::string_view b) { return a.op < b; });
  return found == all.end() || found->op != op ? nullptr : found->prepare;
}

namespace operators {

std::vector<std::int64_t> numbers(const at::Tensor& t) {
  const auto v = t.detach().to(at::kCPU, at::kLong).contiguous();
  return {v.data_ptr<std::int64_t>(), v.data_ptr<std::int64_t>() + v.numel()};
}

at::Tensor optional_input(const Tensors& in, std::size_t at) { return in.size() > at ? in[at] : at::Tensor(); }

std::vector<std::int64_t> attribute_or_input(const std::vector<std::int64_t>& attribute, const Tensors& in, std::size_t at) {
  return in.size() > at && in[at].defined() ? numbers(in[at]) : attribute;
}

std::int64_t from_front(std::int64_t axis, std::int64_t rank) {
  const auto front = axis < 0 ? axis + rank : axis;
  if (front < 0 || front >= std::max<std::int64_t>(rank, 1))
    throw Unsupported("axis " + std::to_string(axis) + " of " + std::to_string(rank) + " axes");
  return front;
}

}  // namespace operators

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
    case ElementType::i16: return {at::kShort, false};
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
