#include <algorithm>
#include <limits>

#include "native/train/operators.h"

namespace fair::train::operators {
namespace {

Kernel identity(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {in[0]}; };
}

/// Passes values through, but in training where the graph was exported in training mode.
Kernel dropout(const NodeContext& c) {
  return [mode = c.mode, fixed = c.node.real("ratio", 0.5), wants_mask = c.node.outputs.size() > 1](Tensors& in) -> Tensors {
    const auto given = optional_input(in, 2);
    const bool drops = mode->training && given.defined() && given.item<bool>();
    const auto ratio = optional_input(in, 1);
    const auto y = drops ? at::dropout(in[0], ratio.defined() ? ratio.item<double>() : fixed, true) : in[0];
    if (!wants_mask) return {y};
    return {y, drops ? y.ne(0) : at::ones_like(y, at::TensorOptions().dtype(at::kBool))};
  };
}

Kernel concat(const NodeContext& c) {
  return [axis = c.node.integer("axis", 0)](Tensors& in) -> Tensors { return {at::cat(in, axis)}; };
}

Kernel reshape(const NodeContext& c) {
  return [shape = c.node.integers("shape"), zero_is_zero = c.node.integer("allowzero", 0) != 0](Tensors& in) -> Tensors {
    auto to = attribute_or_input(shape, in, 1);
    for (std::size_t i = 0; i < to.size(); ++i) {
      if (to[i] == 0 && !zero_is_zero) to[i] = in[0].size(static_cast<std::int64_t>(i));
    }
    return {in[0].reshape(to)};
  };
}

Kernel flatten(const NodeContext& c) {
  return [axis = c.node.integer("axis", 1)](Tensors& in) -> Tensors {
    const auto first = axis < 0 ? axis + in[0].dim() : axis;
    std::int64_t rows = 1;
    std::int64_t columns = 1;
    for (std::int64_t i = 0; i < in[0].dim(); ++i) (i < first ? rows : columns) *= in[0].size(i);
    return {in[0].reshape({rows, columns})};
  };
}

Kernel transpose(const NodeContext& c) {
  return [order = c.node.integers("perm")](Tensors& in) -> Tensors {
    auto to = order;
    if (to.empty()) {
      for (std::int64_t i = in[0].dim(); i-- > 0;) to.push_back(i);
    }
    return {in[0].permute(to)};
  };
}

Kernel squeeze(const NodeContext& c) {
  return [axes = c.node.integers("axes")](Tensors& in) -> Tensors {
    auto drop = attribute_or_input(axes, in, 1);
    if (drop.empty()) return {in[0].squeeze()};
    for (auto& a : drop) a = a < 0 ? a + in[0].dim() : a;
    std::sort(drop.rbegin(), drop.rend());
    auto y = in[0];
    for (const auto a : drop) y = y.squeeze(a);
    return {y};
  };
}

Kernel unsqueeze(const NodeContext& c) {
  return [axes = c.node.integers("axes")](Tensors& in) -> Tensors {
    auto insert = attribute_or_input(axes, in, 1);
    const auto rank = in[0].dim() + static_cast<std::int64_t>(insert.size());
    for (auto& a : insert) a = a < 0 ? a + rank : a;
    std::sort(insert.begin(), insert.end());
    auto y = in[0];
    for (const auto a : insert) y = y.unsqueeze(a);
    return {y};
  };
}

Kernel slice(const NodeContext& c) {
  return [starts = c.node.integers("starts"), ends = c.node.integers("ends"), axes = c.node.integers("axes")](Tensors& in) -> Tensors {
    const auto from = attribute_or_input(starts, in, 1);
    const auto to = attribute_or_input(ends, in, 2);
    auto along = attribute_or_input(axes, in, 3);
    auto step = attribute_or_input({}, in, 4);
    if (along.empty()) {
      for (std::size_t i = 0; i < from.size(); ++i) along.push_back(static_cast<std::int64_t>(i));
    }
    step.resize(from.size(), 1);
    auto y = in[0];
    for (std::size_t i = 0; i < from.size(); ++i) {
      const auto axis = from_front(along[i], y.dim());
      const auto size = y.size(axis);
      if (step[i] > 0) {
        y = y.slice(axis, from[i], to[i] > size ? size : to[i], step[i]);
        continue;
      }
      if (step[i] == 0) throw Unsupported("a step of 0");
      if (size == 0) continue;
      const auto clamped = [&](std::int64_t v, std::int64_t low) { return std::clamp(v < 0 && v >= -size ? v + size : v, low, size - 1); };
      std::vector<std::int64_t> picked;
      const auto last = to[i] < -size ? -1 : clamped(to[i], -1);
      for (auto p = clamped(from[i], 0); p > last; p += step[i]) picked.push_back(p);
      y = y.index_select(axis, at::tensor(picked, at::kLong).to(y.device()));
    }
    return {y};
  };
}

Kernel split(const NodeContext& c) {
  return [axis = c.node.integer("axis", 0), sizes = c.node.integers("split"),
          parts = static_cast<std::int64_t>(c.node.outputs.size())](Tensors& in) -> Tensors {
    const auto along = from_front(axis, in[0].dim());
    auto cut = attribute_or_input(sizes, in, 1);
    if (cut.empty()) {
      const auto each = (in[0].size(along) + parts - 1) / parts;
      for (std::int64_t i = 0; i < parts; ++i) cut.push_back(std::clamp<std::int64_t>(in[0].size(along) - i * each, 0, each));
    }
    return at::split_with_sizes(in[0], cut, along);
  };
}

Kernel expand(const NodeContext&) {
  return [](Tensors& in) -> Tensors {
    auto to = numbers(in[1]);
    auto have = in[0].sizes().vec();
    while (have.size() < to.size()) have.insert(have.begin(), 1);
    while (to.size() < have.size()) to.insert(to.begin(), 1);
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = to[i] == 1 ? have[i] : to[i];
    return {in[0].expand(to)};
  };
}

Kernel tile(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {in[0].repeat(numbers(in[1]))}; };
}

Kernel depth_to_space(const NodeContext& c) {
  const auto mode = c.node.text("mode", "DCR");
  return [mode, block = c.node.integer("blocksize", 1)](Tensors& in) -> Tensors {
    const auto& x = in[0];
    if (mode == "CRD") return {at::pixel_shuffle(x, block)};
    const auto channels = x.size(1) / (block * block);
    return {x.reshape({x.size(0), block, block, channels, x.size(2), x.size(3)})
                .permute({0, 3, 4, 1, 5, 2})
                .reshape({x.size(0), channels, x.size(2) * block, x.size(3) * block})};
  };
}

Kernel space_to_depth(const NodeContext& c) {
  return [block = c.node.integer("blocksize", 1)](Tensors& in) -> Tensors {
    const auto& x = in[0];
    return {x.reshape({x.size(0), x.size(1), x.size(2) / block, block, x.size(3) / block, block})
                .permute({0, 3, 5, 1, 2, 4})
                .reshape({x.size(0), x.size(1) * block * block, x.size(2) / block, x.size(3) / block})};
  };
}

}  // namespace

const std::vector<Operator>& shape() {
  static const std::vector<Operator> table{
      {"Identity", identity, 1, ""},
      {"Dropout", dropout, 1, "passes values through, but in training where training_mode is an input that is true"},
      {"Concat", concat, 1, ""},
      {"Reshape", reshape, 1, ""},
      {"Flatten", flatten, 1, ""},
      {"Transpose", transpose, 1, ""},
      {"Squeeze", squeeze, 1, ""},
      {"Unsqueeze", unsqueeze, 1, ""},
      {"Slice", slice, 1, ""},
      {"Split", split, 1, ""},
      {"Expand", expand, 8, ""},
      {"Tile", tile, 1, ""},
      {"DepthToSpace", depth_to_space, 1, ""},
      {"SpaceToDepth", space_to_depth, 1, ""},
  };
  return table;
}

}  // namespace fair::train::operators
