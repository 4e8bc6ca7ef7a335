#include <algorithm>
#include <cmath>
#include <limits>

#include "native/train/operators.h"

namespace fair::train::operators {
namespace {

/// Kernel geometry of convolutions and pools, with pads resolved when the input's size is known.
struct Window {
  std::vector<std::int64_t> kernel, stride, dilation, pads;
  std::string auto_pad;
  bool ceil = false;

  explicit Window(const onnx::Node& node)
      : kernel(node.integers("kernel_shape")),
        stride(node.integers("strides")),
        dilation(node.integers("dilations")),
        pads(node.integers("pads")),
        auto_pad(node.text("auto_pad", "NOTSET")),
        ceil(node.integer("ceil_mode", 0) != 0) {}

  void fill(const at::Tensor& x, const std::vector<std::int64_t>& kernel_if_absent) {
    const auto n = static_cast<std::size_t>(x.dim() - 2);
    if (kernel.empty()) kernel = kernel_if_absent;
    if (stride.empty()) stride.assign(n, 1);
    if (dilation.empty()) dilation.assign(n, 1);
    if (pads.empty() || auto_pad == "VALID") pads.assign(2 * n, 0);
    if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
      pads.assign(2 * n, 0);
      for (std::size_t i = 0; i < n; ++i) {
        const auto size = x.size(static_cast<std::int64_t>(i) + 2);
        const auto out = (size + stride[i] - 1) / stride[i];
        const auto total = std::max<std::int64_t>((out - 1) * stride[i] + (kernel[i] - 1) * dilation[i] + 1 - size, 0);
        const auto less = total / 2;
        pads[i] = auto_pad == "SAME_UPPER" ? less : total - less;
        pads[n + i] = total - pads[i];
      }
    }
  }

  [[nodiscard]] bool symmetric() const {
    return std::equal(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2),
                      pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2));
  }
  [[nodiscard]] std::vector<std::int64_t> begin_pads() const { return {pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2)}; }
  /// As constant_pad_nd counts: last axis first, before and after.
  [[nodiscard]] std::vector<std::int64_t> torch_pads() const {
    const auto n = pads.size() / 2;
    std::vector<std::int64_t> out;
    for (std::size_t i = n; i-- > 0;) {
      out.push_back(pads[i]);
      out.push_back(pads[n + i]);
    }
    return out;
  }
};

std::vector<std::int64_t> spatial_of(const at::Tensor& weight) { return weight.sizes().slice(2).vec(); }

Kernel conv(const NodeContext& c) {
  return [window = Window(c.node), groups = c.node.integer("group", 1)](Tensors& in) -> Tensors {
    auto w = window;
    w.fill(in[0], spatial_of(in[1]));
    const auto bias = in.size() > 2 ? in[2] : at::Tensor();
    const std::vector<std::int64_t> none(w.stride.size(), 0);
    if (w.symmetric()) return {at::convolution(in[0], in[1], bias, w.stride, w.begin_pads(), w.dilation, false, none, groups)};
    return {at::convolution(at::constant_pad_nd(in[0], w.torch_pads(), 0), in[1], bias, w.stride, none, w.dilation, false, none, groups)};
  };
}

Kernel conv_transpose(const NodeContext& c) {
  if (c.node.attribute("output_shape")) throw Unsupported("attribute output_shape");
  if (const auto pad = c.node.text("auto_pad", "NOTSET"); pad != "NOTSET" && pad != "VALID") throw Unsupported("auto_pad " + pad);
  return [window = Window(c.node), groups = c.node.integer("group", 1), more = c.node.integers("output_padding")](Tensors& in) -> Tensors {
    auto w = window;
    w.fill(in[0], spatial_of(in[1]));
    auto extra = more;
    extra.resize(w.stride.size(), 0);
    const auto bias = in.size() > 2 ? in[2] : at::Tensor();
    if (w.symmetric()) return {at::convolution(in[0], in[1], bias, w.stride, w.begin_pads(), w.dilation, true, extra, groups)};
    auto y = at::convolution(in[0], in[1], bias, w.stride, std::vector<std::int64_t>(w.stride.size(), 0), w.dilation, true, extra, groups);
    for (std::size_t i = 0; i < w.stride.size(); ++i) {
      const auto axis = static_cast<std::int64_t>(i) + 2;
      y = y.slice(axis, w.pads[i], y.size(axis) - w.pads[w.stride.size() + i]);
    }
    return {y};
  };
}

void need_planes(const at::Tensor& x) {
  if (x.dim() != 4) throw Unsupported("pooling or resizing of " + std::to_string(x.dim()) + " axes instead of 4");
}

Kernel max_pool(const NodeContext& c) {
  if (c.node.outputs.size() > 1 && !c.node.outputs[1].empty()) throw Unsupported("its second output, Indices");
  return [window = Window(c.node)](Tensors& in) -> Tensors {
    need_planes(in[0]);
    auto w = window;
    w.fill(in[0], {});
    auto x = in[0];
    if (w.symmetric() && w.pads[0] * 2 <= w.kernel[0] && w.pads[1] * 2 <= w.kernel[1])
      return {at::max_pool2d(x, w.kernel, w.stride, w.begin_pads(), w.dilation, w.ceil)};
    x = at::constant_pad_nd(x, w.torch_pads(), -std::numeric_limits<double>::infinity());
    return {at::max_pool2d(x, w.kernel, w.stride, {0, 0}, w.dilation, w.ceil)};
  };
}

Kernel average_pool(const NodeContext& c) {
  return [window = Window(c.node), count_pad = c.node.integer("count_include_pad", 0) != 0](Tensors& in) -> Tensors {
    need_planes(in[0]);
    auto w = window;
    w.fill(in[0], {});
    if (std::any_of(w.dilation.begin(), w.dilation.end(), [](auto d) { return d != 1; })) throw Unsupported("dilations of an average");
    if (w.symmetric()) return {at::avg_pool2d(in[0], w.kernel, w.stride, w.begin_pads(), w.ceil, count_pad)};
    const auto sum = at::avg_pool2d(at::constant_pad_nd(in[0], w.torch_pads(), 0), w.kernel, w.stride, {0, 0}, w.ceil, true);
    if (count_pad) return {sum};
    const auto inside = at::constant_pad_nd(at::ones_like(in[0].slice(0, 0, 1).slice(1, 0, 1)), w.torch_pads(), 0);
    return {sum / at::avg_pool2d(inside, w.kernel, w.stride, {0, 0}, w.ceil, true)};
  };
}

Kernel global_average_pool(const NodeContext&) {
  return [](Tensors& in) -> Tensors {
    std::vector<std::int64_t> axes;
    for (std::int64_t i = 2; i < in[0].dim(); ++i) axes.push_back(i);
    return {in[0].mean(axes, true)};
  };
}

Kernel global_max_pool(const NodeContext&) {
  return [](Tensors& in) -> Tensors {
    std::vector<std::int64_t> axes;
    for (std::int64_t i = 2; i < in[0].dim(); ++i) axes.push_back(i);
    return {in[0].amax(axes, true)};
  };
}

/// Where each output position of one axis reads from, by ONNX's formulas.
struct Axis {
  std::int64_t in = 0, out = 0;
  double scale = 1;
  std::string transform;

  [[nodiscard]] double source(std::int64_t i) const {
    const auto x = static_cast<double>(i);
    if (transform == "asymmetric") return x / scale;
    if (transform == "align_corners") return out > 1 ? x * static_cast<double>(in - 1) / static_cast<double>(out - 1) : 0.0;
    if (transform == "pytorch_half_pixel") return out > 1 ? (x + 0.5) / scale - 0.5 : 0.0;
    if (transform == "tf_half_pixel_for_nn") return (x + 0.5) / scale;
    return (x + 0.5) / scale - 0.5;
  }
};

std::int64_t nearest_index(double x, const std::string& rounding) {
  if (rounding == "floor") return static_cast<std::int64_t>(std::floor(x));
  if (rounding == "ceil") return static_cast<std::int64_t>(std::ceil(x));
  if (rounding == "round_prefer_ceil") return static_cast<std::int64_t>(std::floor(x + 0.5));
  return static_cast<std::int64_t>(std::ceil(x - 0.5));
}

at::Tensor nearest(const at::Tensor& x, const std::vector<Axis>& axes, const std::string& rounding) {
  std::vector<std::vector<std::int64_t>> from(2);
  bool plain = true;  // every output reads input i / factor: LibTorch has a kernel for that
  for (std::size_t a = 0; a < 2; ++a) {
    const auto& axis = axes[a];
    const auto factor = axis.in > 0 && axis.out % axis.in == 0 ? axis.out / axis.in : 0;
    for (std::int64_t i = 0; i < axis.out; ++i) {
      from[a].push_back(std::clamp<std::int64_t>(nearest_index(axis.source(i), rounding), 0, axis.in - 1));
      plain = plain && factor > 0 && from[a].back() == i / factor;
    }
  }
  if (plain) return at::upsample_nearest2d(x, {axes[0].out, axes[1].out});
  auto y = x;
  for (std::size_t a = 0; a < 2; ++a) y = y.index_select(static_cast<std::int64_t>(a) + 2, at::tensor(from[a], at::kLong).to(x.device()));
  return y;
}

at::Tensor linear(const at::Tensor& x, const std::vector<Axis>& axes) {
  const auto& how = axes[0].transform;
  if (how == "half_pixel" || how == "pytorch_half_pixel")
    return at::upsample_bilinear2d(x, {axes[0].out, axes[1].out}, false, axes[0].scale, axes[1].scale);
  if (how == "align_corners") return at::upsample_bilinear2d(x, {axes[0].out, axes[1].out}, true);
  auto y = x;
  for (std::size_t a = 0; a < 2; ++a) {
    const auto& axis = axes[a];
    std::vector<std::int64_t> low;
    std::vector<std::int64_t> high;
    std::vector<double> share;
    for (std::int64_t i = 0; i < axis.out; ++i) {
      const double at = std::clamp(axis.source(i), 0.0, static_cast<double>(axis.in - 1));
      low.push_back(static_cast<std::int64_t>(at));
      high.push_back(std::min<std::int64_t>(low.back() + 1, axis.in - 1));
      share.push_back(at - static_cast<double>(low.back()));
    }
    const auto d = static_cast<std::int64_t>(a) + 2;
    std::vector<std::int64_t> broadcast(4, 1);
    broadcast[a + 2] = axis.out;
    const auto weight = at::tensor(share, x.scalar_type()).to(x.device()).view(broadcast);
    y = at::lerp(y.index_select(d, at::tensor(low, at::kLong).to(x.device())), y.index_select(d, at::tensor(high, at::kLong).to(x.device())), weight);
  }
  return y;
}

Kernel resize(const NodeContext& c) {
  const auto mode = c.node.text("mode", "nearest");
  const auto transform = c.node.op == "Upsample" || c.opset < 11 ? "asymmetric" : c.node.text("coordinate_transformation_mode", "half_pixel");
  const auto rounding = c.opset < 11 ? "floor" : c.node.text("nearest_mode", "round_prefer_floor");
  if (transform == "tf_crop_and_resize") throw Unsupported("coordinate_transformation_mode tf_crop_and_resize");
  if (c.node.integer("antialias", 0) != 0) throw Unsupported("antialias");
  if (c.node.attribute("axes")) throw Unsupported("attribute axes");
  if (mode != "nearest" && mode != "linear" && mode != "cubic") throw Unsupported("mode " + mode);
  if (mode == "cubic" && transform != "half_pixel" && transform != "pytorch_half_pixel" && transform != "align_corners")
    throw Unsupported("cubic with " + transform);
  const std::size_t scales_at = c.opset < 11 ? 1 : 2;
  return [mode, transform, rounding, scales_at](Tensors& in) -> Tensors {
    const auto& x = in[0];
    need_planes(x);
    const bool by_scale = in.size() > scales_at && in[scales_at].defined() && in[scales_at].numel() == 4;
    if (!by_scale && (in.size() < 4 || !in[3].defined() || in[3].numel() != 4)) throw Unsupported("neither four scales nor four sizes");
    const auto wanted = (by_scale ? in[scales_at] : in[3]).to(at::kDouble).contiguous();
    std::vector<Axis> axes;
    for (std::int64_t a = 2; a < 4; ++a) {
      const double v = wanted.data_ptr<double>()[a];
      const auto size = x.size(a);
      const auto out = by_scale ? static_cast<std::int64_t>(std::floor(static_cast<double>(size) * v)) : static_cast<std::int64_t>(v);
      if (out < 1) throw Unsupported("an output without pixels");
      axes.push_back(Axis{size, out, by_scale ? v : static_cast<double>(out) / static_cast<double>(size), transform});
    }
    if (mode == "nearest") return {nearest(x, axes, rounding)};
    if (mode == "linear") return {linear(x, axes)};
    return {at::upsample_bicubic2d(x, {axes[0].out, axes[1].out}, transform == "align_corners", axes[0].scale, axes[1].scale)};
  };
}

}  // namespace

const std::vector<Entry>& convolution() {
  static const std::vector<Entry> table{
      {"Conv", conv},
      {"ConvTranspose", conv_transpose},
      {"MaxPool", max_pool},
      {"AveragePool", average_pool},
      {"GlobalAveragePool", global_average_pool},
      {"GlobalMaxPool", global_max_pool},
      {"Resize", resize},
      {"Upsample", resize},
  };
  return table;
}

}  // namespace fair::train::operators
