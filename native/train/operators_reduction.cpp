#include <algorithm>

#include "native/train/operators.h"

namespace fair::train::operators {
namespace {

using Over = at::Tensor (*)(const at::Tensor&, const std::vector<std::int64_t>&, bool);

template <Over function>
Kernel reduce(const NodeContext& c) {
  return [axes = c.node.integers("axes"), keep = c.node.integer("keepdims", 1) != 0,
          nothing = c.node.integer("noop_with_empty_axes", 0) != 0](Tensors& in) -> Tensors {
    auto over = attribute_or_input(axes, in, 1);
    if (over.empty()) {
      // Over no axis at all: a sum of squares of one value each, say.
      if (nothing) return {function(in[0].unsqueeze(-1), {in[0].dim()}, false)};
      for (std::int64_t i = 0; i < in[0].dim(); ++i) over.push_back(i);
    }
    for (auto& axis : over) axis = from_front(axis, in[0].dim());
    return {function(in[0], over, keep)};
  };
}

at::Tensor sum_over(const at::Tensor& x, const std::vector<std::int64_t>& axes, bool keep) { return at::sum(x, axes, keep).to(x.scalar_type()); }
at::Tensor mean_over(const at::Tensor& x, const std::vector<std::int64_t>& axes, bool keep) {
  if (at::isFloatingType(x.scalar_type())) return at::mean(x, axes, keep);
  return at::mean(x.to(at::kDouble), axes, keep).trunc().to(x.scalar_type());
}
at::Tensor max_over(const at::Tensor& x, const std::vector<std::int64_t>& axes, bool keep) { return at::amax(x, axes, keep); }
at::Tensor min_over(const at::Tensor& x, const std::vector<std::int64_t>& axes, bool keep) { return at::amin(x, axes, keep); }
at::Tensor product_over(const at::Tensor& x, std::vector<std::int64_t> axes, bool keep) {
  std::sort(axes.rbegin(), axes.rend());
  auto y = x;
  for (const auto axis : axes) y = at::prod(y, axis, keep);
  return y.to(x.scalar_type());
}
at::Tensor product_of(const at::Tensor& x, const std::vector<std::int64_t>& axes, bool keep) { return product_over(x, axes, keep); }
at::Tensor l1_over(const at::Tensor& x, const std::vector<std::int64_t>& axes, bool keep) { return sum_over(x.abs(), axes, keep); }
at::Tensor l2_over(const at::Tensor& x, const std::vector<std::int64_t>& axes, bool keep) {
  if (at::isFloatingType(x.scalar_type())) return at::linalg_vector_norm(x, 2, at::IntArrayRef(axes), keep);  // its gradient at 0 is finite
  return at::sum(x.to(at::kDouble).square(), axes, keep).sqrt().to(x.scalar_type());
}
at::Tensor squares_over(const at::Tensor& x, const std::vector<std::int64_t>& axes, bool keep) { return sum_over(x.square(), axes, keep); }
at::Tensor log_sum_over(const at::Tensor& x, const std::vector<std::int64_t>& axes, bool keep) { return at::sum(x, axes, keep).log(); }
at::Tensor log_sum_exp_over(const at::Tensor& x, const std::vector<std::int64_t>& axes, bool keep) { return at::logsumexp(x, axes, keep); }

/// Position of the largest (or smallest), of several equal ones the first or the last.
template <bool largest>
Kernel position_of(const NodeContext& c) {
  return [axis = c.node.integer("axis", 0), keep = c.node.integer("keepdims", 1) != 0,
          last = c.node.integer("select_last_index", 0) != 0](Tensors& in) -> Tensors {
    const auto along = from_front(axis, in[0].dim());
    const auto x = last ? in[0].flip(along) : in[0];
    const auto at = largest ? at::argmax(x, along, keep) : at::argmin(x, along, keep);
    return {last ? in[0].size(along) - 1 - at : at};
  };
}

Kernel top_k(const NodeContext& c) {
  return [axis = c.node.integer("axis", -1), fixed = c.node.integer("k", 1), largest = c.node.integer("largest", 1) != 0](Tensors& in) -> Tensors {
    const auto along = from_front(axis, in[0].dim());
    const auto given = attribute_or_input({fixed}, in, 1);
    const auto k = given.empty() ? fixed : given.front();
    if (k < 0 || k > in[0].size(along)) throw Unsupported("k " + std::to_string(k) + " of " + std::to_string(in[0].size(along)) + " values");
    // A stable sort: of equal values the one of the lower position comes first.
    const auto [values, at] = at::sort(in[0], c10::optional<bool>(true), along, largest);
    return {values.narrow(along, 0, k), at.narrow(along, 0, k)};
  };
}

Kernel cumulative_sum(const NodeContext& c) {
  return [exclusive = c.node.integer("exclusive", 0) != 0, reverse = c.node.integer("reverse", 0) != 0](Tensors& in) -> Tensors {
    const auto axis = from_front(numbers(in[1]).at(0), in[0].dim());
    auto y = reverse ? in[0].flip(axis) : in[0];
    if (exclusive) {
      const auto size = y.size(axis);
      y = at::cat({at::zeros_like(y.narrow(axis, 0, std::min<std::int64_t>(size, 1))), y.narrow(axis, 0, std::max<std::int64_t>(size - 1, 0))}, axis);
    }
    y = at::cumsum(y, axis).to(in[0].scalar_type());
    return {reverse ? y.flip(axis) : y};
  };
}

}  // namespace

const std::vector<Operator>& reduction() {
  static const std::vector<Operator> table{
      {"ReduceSum", reduce<sum_over>, 1, ""},
      {"ReduceMean", reduce<mean_over>, 1, ""},
      {"ReduceMax", reduce<max_over>, 1, ""},
      {"ReduceMin", reduce<min_over>, 1, ""},
      {"ReduceProd", reduce<product_of>, 1, ""},
      {"ReduceL1", reduce<l1_over>, 1, ""},
      {"ReduceL2", reduce<l2_over>, 1, ""},
      {"ReduceSumSquare", reduce<squares_over>, 1, ""},
      {"ReduceLogSum", reduce<log_sum_over>, 1, ""},
      {"ReduceLogSumExp", reduce<log_sum_exp_over>, 1, ""},
      {"ArgMax", position_of<true>, 1, "no gradient"},
      {"ArgMin", position_of<false>, 1, "no gradient"},
      {"TopK", top_k, 1, "always sorted"},
      {"CumSum", cumulative_sum, 11, ""},
  };
  return table;
}

}  // namespace fair::train::operators
