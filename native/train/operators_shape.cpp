#include <algorithm>
#include <limits>

#include "native/train/operators.h"

namespace fair::train::operators {
namespace {

/// Values of a small tensor of positions or sizes; never follows gradients.
std::vector<std::int64_t> numbers(const at::Tensor& t) {
  const auto v = t.to(at::kCPU, at::kLong).contiguous();
  return {v.data_ptr<std::int64_t>(), v.data_ptr<std::int64_t>() + v.numel()};
}

/// Positions given as an attribute (older operator sets) or as an input.
std::vector<std::int64_t> attribute_or_input(const std::vector<std::int64_t>& attribute, const Tensors& in, std::size_t at) {
  return in.size() > at && in[at].defined() ? numbers(in[at]) : attribute;
}

at::Tensor as_tensor(const std::vector<std::int64_t>& values) { return at::tensor(values, at::kLong); }

Kernel identity(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {in[0]}; };
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
    for (std::int64_t i = 0; i < first; ++i) rows *= in[0].size(i);
    return {in[0].reshape({rows, -1})};
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
      const auto axis = along[i] < 0 ? along[i] + y.dim() : along[i];
      const auto size = y.size(axis);
      if (step[i] > 0) {
        y = y.slice(axis, from[i], to[i] > size ? size : to[i], step[i]);
        continue;
      }
      if (step[i] == 0) throw Unsupported("a step of 0");
      const auto clamped = [&](std::int64_t v, std::int64_t low) { return std::clamp(v < 0 && v >= -size ? v + size : v, low, size - 1); };
      std::vector<std::int64_t> picked;
      const auto last = to[i] < -size ? -1 : clamped(to[i], -1);
      for (auto p = clamped(from[i], 0); p > last; p += step[i]) picked.push_back(p);
      y = y.index_select(axis, as_tensor(picked).to(y.device()));
    }
    return {y};
  };
}

Kernel gather(const NodeContext& c) {
  return [axis = c.node.integer("axis", 0)](Tensors& in) -> Tensors {
    const auto along = axis < 0 ? axis + in[0].dim() : axis;
    auto index = in[1].to(in[0].device(), at::kLong);
    index = at::where(index < 0, index + in[0].size(along), index);
    auto shape = in[0].sizes().vec();
    shape.erase(shape.begin() + along);
    shape.insert(shape.begin() + along, index.sizes().begin(), index.sizes().end());
    return {in[0].index_select(along, index.reshape({-1})).reshape(shape)};
  };
}

Kernel split(const NodeContext& c) {
  return [axis = c.node.integer("axis", 0), sizes = c.node.integers("split"),
          parts = static_cast<std::int64_t>(c.node.outputs.size())](Tensors& in) -> Tensors {
    const auto along = axis < 0 ? axis + in[0].dim() : axis;
    auto cut = attribute_or_input(sizes, in, 1);
    if (cut.empty()) {
      const auto each = (in[0].size(along) + parts - 1) / parts;
      for (std::int64_t i = 0; i < parts; ++i) cut.push_back(std::min(each, in[0].size(along) - i * each));
    }
    return at::split_with_sizes(in[0], cut, along);
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

Kernel cast(const NodeContext& c) {
  using onnx::ElementType;
  at::ScalarType to = c.real;
  switch (static_cast<ElementType>(c.node.integer("to", 1))) {
    case ElementType::f32:
    case ElementType::f64:
    case ElementType::f16:
    case ElementType::bf16: break;
    case ElementType::i64: to = at::kLong; break;
    case ElementType::i32: to = at::kInt; break;
    case ElementType::u8: to = at::kByte; break;
    case ElementType::boolean: to = at::kBool; break;
    default: throw Unsupported("a cast to type " + std::to_string(c.node.integer("to", 1)));
  }
  return [to](Tensors& in) -> Tensors { return {in[0].to(to)}; };
}

Kernel cast_like(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {in[0].to(in[1].scalar_type())}; };
}

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

Kernel pad(const NodeContext& c) {
  const auto mode = c.node.text("mode", "constant");
  if (mode != "constant" && mode != "reflect" && mode != "edge") throw Unsupported("mode " + mode);
  return [mode, fixed = c.node.integers("pads"), value = c.node.real("value", 0.0)](Tensors& in) -> Tensors {
    auto pads = attribute_or_input(fixed, in, 1);
    const auto rank = in[0].dim();
    if (in.size() > 3 && in[3].defined()) {
      const auto axes = numbers(in[3]);
      std::vector<std::int64_t> all(static_cast<std::size_t>(2 * rank), 0);
      for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(axes[i] < 0 ? axes[i] + rank : axes[i]);
        all[axis] = pads[i];
        all[axis + static_cast<std::size_t>(rank)] = pads[i + axes.size()];
      }
      pads = all;
    }
    std::vector<std::int64_t> torch_order;
    for (std::size_t i = static_cast<std::size_t>(rank); i-- > 0;) {
      torch_order.push_back(pads[i]);
      torch_order.push_back(pads[i + static_cast<std::size_t>(rank)]);
    }
    if (mode == "constant") return {at::constant_pad_nd(in[0], torch_order, in.size() > 2 && in[2].defined() ? in[2].item() : at::Scalar(value))};
    if (rank != 4 || std::any_of(torch_order.begin() + 4, torch_order.end(), [](auto p) { return p != 0; }))
      throw Unsupported("padding by " + mode + " of anything but height and width");
    torch_order.resize(4);
    return {mode == "reflect" ? at::reflection_pad2d(in[0], torch_order) : at::replication_pad2d(in[0], torch_order)};
  };
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

const std::vector<Entry>& shape() {
  static const std::vector<Entry> table{
      {"Identity", identity},
      {"Dropout", identity},  // exported graphs are in inference mode, where it passes values through
      {"Concat", concat},
      {"Reshape", reshape},
      {"Flatten", flatten},
      {"Transpose", transpose},
      {"Squeeze", squeeze},
      {"Unsqueeze", unsqueeze},
      {"Slice", slice},
      {"Gather", gather},
      {"Split", split},
      {"Shape", shape_of},
      {"Expand", expand},
      {"Tile", tile},
      {"Cast", cast},
      {"CastLike", cast_like},
      {"Constant", constant},
      {"ConstantOfShape", constant_of_shape},
      {"Pad", pad},
      {"DepthToSpace", depth_to_space},
      {"SpaceToDepth", space_to_depth},
  };
  return table;
}

}  // namespace fair::train::operators
