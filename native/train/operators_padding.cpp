#include <algorithm>

#include "native/train/operators.h"

namespace fair::train::operators {
namespace {

std::int64_t positive_modulo(std::int64_t p, std::int64_t n) { return (p % n + n) % n; }

/// The position inside an axis of size `n` whose value stands at `p`, which may lie outside.
std::int64_t mirrored(std::int64_t p, std::int64_t n, const std::string& mode) {
  if (mode == "edge") return std::clamp<std::int64_t>(p, 0, n - 1);
  if (mode == "wrap") return positive_modulo(p, n);
  if (n == 1) return 0;
  const auto at = positive_modulo(p, 2 * (n - 1));
  return at < n ? at : 2 * (n - 1) - at;
}

/// Begin and end of every axis, whichever the node names.
std::vector<std::int64_t> all_pads(const std::vector<std::int64_t>& fixed, const Tensors& in) {
  const auto rank = in[0].dim();
  const auto given = attribute_or_input(fixed, in, 1);
  const auto axes = attribute_or_input({}, in, 3);
  const auto named = axes.empty() ? static_cast<std::size_t>(rank) : axes.size();
  if (given.size() != 2 * named) throw Unsupported(std::to_string(given.size()) + " pads for " + std::to_string(named) + " axes");
  if (axes.empty()) return given;
  std::vector<std::int64_t> all(static_cast<std::size_t>(2 * rank), 0);
  for (std::size_t i = 0; i < named; ++i) {
    const auto axis = static_cast<std::size_t>(from_front(axes[i], rank));
    all[axis] = given[i];
    all[axis + static_cast<std::size_t>(rank)] = given[i + named];
  }
  return all;
}

Kernel pad(const NodeContext& c) {
  const auto mode = c.node.text("mode", "constant");
  if (mode != "constant" && mode != "reflect" && mode != "edge" && mode != "wrap") throw Unsupported("mode " + mode);
  // The attribute of operator set 1 was spelled otherwise.
  return [mode, fixed = c.node.integers("pads", c.node.integers("paddings")), fixed_value = c.node.real("value", 0.0)](Tensors& in) -> Tensors {
    const auto rank = static_cast<std::size_t>(in[0].dim());
    const auto pads = all_pads(fixed, in);
    if (mode == "constant") {
      std::vector<std::int64_t> torch_order;
      for (std::size_t i = rank; i-- > 0;) {
        torch_order.push_back(pads[i]);
        torch_order.push_back(pads[i + rank]);
      }
      const auto value = optional_input(in, 2);
      return {at::constant_pad_nd(in[0], torch_order, value.defined() ? value.item() : at::Scalar(fixed_value))};
    }
    auto y = in[0];
    for (std::size_t i = 0; i < rank; ++i) {
      if (pads[i] == 0 && pads[i + rank] == 0) continue;
      // Negative pads cut first: what is left is continued.
      const auto axis = static_cast<std::int64_t>(i);
      const auto first = std::max<std::int64_t>(-pads[i], 0);
      const auto size = y.size(axis) - first - std::max<std::int64_t>(-pads[i + rank], 0);
      if (size <= 0) throw Unsupported("padding by " + mode + " of an axis without values");
      std::vector<std::int64_t> from;
      for (auto p = -std::max<std::int64_t>(pads[i], 0); p < size + std::max<std::int64_t>(pads[i + rank], 0); ++p)
        from.push_back(first + mirrored(p, size, mode));
      y = y.index_select(axis, at::tensor(from, at::kLong).to(y.device()));
    }
    return {y};
  };
}

Kernel trilu(const NodeContext& c) {
  return [upper = c.node.integer("upper", 1) != 0](Tensors& in) -> Tensors {
    const auto given = attribute_or_input({}, in, 1);
    const auto k = given.empty() ? 0 : given.front();
    return {upper ? at::triu(in[0], k) : at::tril(in[0], k)};
  };
}

}  // namespace

const std::vector<Operator>& padding() {
  static const std::vector<Operator> table{
      {"Pad", pad, 1, ""},
      {"Trilu", trilu, 14, ""},
  };
  return table;
}

}  // namespace fair::train::operators
