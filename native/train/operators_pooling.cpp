#include <algorithm>
#include <cmath>
#include <limits>

#include "native/train/operators.h"
#include "native/train/window.h"

namespace fair::train::operators {
namespace {

struct Padded {
  at::Tensor x;
  std::vector<std::int64_t> before, behind;  ///< what was put around it; behind may be less than nothing
};

/// The input with everything around it that the windows touch, and no more.
Padded pad_for(const at::Tensor& x, const Window& w, double value) {
  Padded out;
  for (std::size_t i = 0; i < w.axes(); ++i) {
    const auto size = x.size(static_cast<std::int64_t>(i) + 2);
    out.before.push_back(w.begin(i));
    out.behind.push_back((w.count(i, size) - 1) * w.stride[i] + w.extent(i) - size - w.begin(i));
  }
  out.x = at::constant_pad_nd(x, torch_pads(out.before, out.behind), value);
  return out;
}

std::tuple<at::Tensor, at::Tensor> largest(const at::Tensor& x, const Window& w) {
  const std::vector<std::int64_t> none(w.axes(), 0);
  if (w.axes() == 1) return at::max_pool1d_with_indices(x, w.kernel, w.stride, none, w.dilation);
  if (w.axes() == 2) return at::max_pool2d_with_indices(x, w.kernel, w.stride, none, w.dilation);
  if (w.axes() == 3) return at::max_pool3d_with_indices(x, w.kernel, w.stride, none, w.dilation);
  throw Unsupported("pooling over " + std::to_string(w.axes()) + " axes instead of 1 to 3");
}

/// Positions in padded planes as positions in the whole unpadded tensor.
at::Tensor whole_positions(at::Tensor at, const at::Tensor& x, const Padded& padded, bool column_major) {
  const auto n = padded.before.size();
  std::vector<at::Tensor> place(n);
  for (std::size_t i = n; i-- > 0;) {
    const auto size = padded.x.size(static_cast<std::int64_t>(i) + 2);
    place[i] = at.remainder(size) - padded.before[i];
    at = at.div(size, "floor");
  }
  auto out = at::zeros_like(place[0]);
  std::int64_t plane = 1;
  for (std::size_t k = 0; k < n; ++k) {
    const auto i = column_major ? k : n - 1 - k;
    out = out + place[i] * plane;
    plane *= x.size(static_cast<std::int64_t>(i) + 2);
  }
  std::vector<std::int64_t> per_plane(n + 2, 1);
  per_plane[0] = x.size(0);
  per_plane[1] = x.size(1);
  return out + at::arange(x.size(0) * x.size(1), out.options()).view(per_plane) * plane;
}

Kernel max_pool(const NodeContext& c) {
  const bool wants_positions = c.node.outputs.size() > 1 && !c.node.outputs[1].empty();
  return [window = Window(c.node), wants_positions, column_major = c.node.integer("storage_order", 0) != 0](Tensors& in) -> Tensors {
    auto w = window;
    w.fill(in[0], {});
    const bool whole = !at::isFloatingType(in[0].scalar_type());  // pooled in float64, which holds every int8 and uint8
    bool plain = w.axes() == 2 && w.symmetric() && !wants_positions && !whole;
    for (std::size_t i = 0; i < w.axes(); ++i) plain = plain && w.begin(i) * 2 <= w.kernel[i];
    if (plain) return {at::max_pool2d(in[0], w.kernel, w.stride, w.begin_pads(), w.dilation, w.ceil)};
    const auto padded = pad_for(whole ? in[0].to(at::kDouble) : in[0], w, -std::numeric_limits<double>::infinity());
    const auto [values, at] = largest(padded.x, w);
    const auto y = whole ? values.to(in[0].scalar_type()) : values;
    if (!wants_positions) return {y};
    return {y, whole_positions(at, in[0], padded, column_major)};
  };
}

/// Sums over the windows of a padded input.
at::Tensor window_sum(const at::Tensor& x, const Window& w) {
  std::vector<std::int64_t> one_plane{x.size(0) * x.size(1), 1};
  std::vector<std::int64_t> ones{1, 1};
  for (std::size_t i = 0; i < w.axes(); ++i) {
    one_plane.push_back(x.size(static_cast<std::int64_t>(i) + 2));
    ones.push_back(w.kernel[i]);
  }
  const std::vector<std::int64_t> none(w.axes(), 0);
  auto y = at::convolution(x.reshape(one_plane), at::ones(ones, x.options()), {}, w.stride, none, w.dilation, false, none, 1);
  auto shape = y.sizes().vec();
  shape[0] = x.size(1);
  shape.erase(shape.begin() + 1);
  shape.insert(shape.begin(), x.size(0));
  return y.reshape(shape);
}

Kernel average_pool(const NodeContext& c) {
  return [window = Window(c.node), count_pad = c.node.integer("count_include_pad", 0) != 0](Tensors& in) -> Tensors {
    auto w = window;
    w.fill(in[0], {});
    bool plain = w.axes() == 2 && w.symmetric() && !w.ceil;
    for (std::size_t i = 0; i < w.axes(); ++i) plain = plain && w.dilation[i] == 1 && w.begin(i) * 2 <= w.kernel[i];
    if (plain) return {at::avg_pool2d(in[0], w.kernel, w.stride, w.begin_pads(), false, count_pad)};
    // What counts: the input, with count_include_pad the padding that was asked for too, never what rounding up adds.
    const auto padded = pad_for(in[0], w, 0);
    auto counts = at::ones_like(in[0].slice(0, 0, 1).slice(1, 0, 1));
    auto before = padded.before;
    auto behind = padded.behind;
    if (count_pad) {
      const std::vector<std::int64_t> ends(w.pads.begin() + static_cast<std::ptrdiff_t>(w.axes()), w.pads.end());
      counts = at::constant_pad_nd(counts, torch_pads(w.begin_pads(), ends), 1);
      before.assign(w.axes(), 0);
      for (std::size_t i = 0; i < w.axes(); ++i) behind[i] -= ends[i];
    }
    counts = at::constant_pad_nd(counts, torch_pads(before, behind), 0);
    return {window_sum(padded.x, w) / window_sum(counts, w)};
  };
}

Kernel lp_pool(const NodeContext& c) {
  return [window = Window(c.node), p = static_cast<double>(c.node.integer("p", 2))](Tensors& in) -> Tensors {
    auto w = window;
    w.fill(in[0], {});
    return {window_sum(pad_for(in[0].abs().pow(p), w, 0).x, w).pow(1.0 / p)};
  };
}

std::vector<std::int64_t> spatial_axes(const at::Tensor& x) {
  std::vector<std::int64_t> axes;
  for (std::int64_t i = 2; i < x.dim(); ++i) axes.push_back(i);
  return axes;
}

Kernel global_average_pool(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {in[0].mean(spatial_axes(in[0]), true)}; };
}

Kernel global_max_pool(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {in[0].amax(spatial_axes(in[0]), true)}; };
}

Kernel global_lp_pool(const NodeContext& c) {
  return [p = static_cast<double>(c.node.integer("p", 2))](Tensors& in) -> Tensors {
    return {at::linalg_vector_norm(in[0], p, spatial_axes(in[0]), true)};
  };
}

/// Puts values back to where MaxPool found them.
Kernel max_unpool(const NodeContext& c) {
  return [window = Window(c.node)](Tensors& in) -> Tensors {
    auto w = window;
    w.fill(in[0], {});
    std::vector<std::int64_t> shape{in[0].size(0), in[0].size(1)};
    for (std::size_t i = 0; i < w.axes(); ++i)
      shape.push_back((in[0].size(static_cast<std::int64_t>(i) + 2) - 1) * w.stride[i] - w.begin(i) - w.end(i) + w.kernel[i]);
    if (const auto wanted = attribute_or_input({}, in, 2); !wanted.empty() && wanted != shape)
      throw Unsupported("an output_shape other than the windows give");
    std::int64_t elements = 1;
    for (const auto size : shape) elements *= size;
    return {at::zeros({elements}, in[0].options()).scatter(0, in[1].reshape({-1}).to(in[0].device(), at::kLong), in[0].reshape({-1})).view(shape)};
  };
}

}  // namespace

const std::vector<Operator>& pooling() {
  static const std::vector<Operator> table{
      {"MaxPool", max_pool, 1, "1 to 3 spatial axes"},
      {"AveragePool", average_pool, 1, "1 to 3 spatial axes"},
      {"LpPool", lp_pool, 1, "1 to 3 spatial axes"},
      {"GlobalAveragePool", global_average_pool, 1, ""},
      {"GlobalMaxPool", global_max_pool, 1, ""},
      {"GlobalLpPool", global_lp_pool, 1, ""},
      {"MaxUnpool", max_unpool, 9, "output_shape only as the windows give it"},
  };
  return table;
}

}  // namespace fair::train::operators
