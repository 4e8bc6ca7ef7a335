#include <algorithm>
#include <cmath>
#include <set>

#include "native/train/interpolation.h"
#include "native/train/operators.h"

namespace fair::train::operators {
namespace {

struct Resizing {
  std::string mode, transform, rounding, keep_aspect;
  Interpolation how;
  float extrapolation = 0;
  std::vector<std::int64_t> axes;
  std::size_t scales_at = 2;
};

std::vector<float> floats(const at::Tensor& t) {
  const auto v = t.detach().to(at::kCPU, at::kFloat).contiguous();
  return {v.data_ptr<float>(), v.data_ptr<float>() + v.numel()};
}

/// The axes in question with their new sizes. Those that stay as they are are left out, but for a region of them.
std::vector<ResizedAxis> resized(const Resizing& r, const Tensors& in, const std::vector<float>& fixed_scales) {
  const auto& x = in[0];
  std::vector<std::int64_t> axes = r.axes;
  for (auto& axis : axes) axis = from_front(axis, x.dim());
  if (axes.empty()) {
    for (std::int64_t a = 0; a < x.dim(); ++a) axes.push_back(a);
  }
  auto scales = fixed_scales;
  if (const auto given = optional_input(in, r.scales_at); scales.empty() && given.defined()) scales = floats(given);
  std::vector<std::int64_t> sizes;
  if (scales.empty()) sizes = attribute_or_input({}, in, 3);
  if (scales.size() != axes.size() && sizes.size() != axes.size())
    throw Unsupported(std::to_string(std::max(scales.size(), sizes.size())) + " scales or sizes for " + std::to_string(axes.size()) + " axes");
  if (!sizes.empty() && r.keep_aspect != "stretch") {
    const bool larger = r.keep_aspect == "not_smaller";
    float common = 0;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const float scale = static_cast<float>(sizes[i]) / static_cast<float>(x.size(axes[i]));
      common = i == 0 ? scale : larger ? std::max(common, scale) : std::min(common, scale);
    }
    scales.assign(axes.size(), common);
    for (std::size_t i = 0; i < axes.size(); ++i)
      sizes[i] = static_cast<std::int64_t>(std::floor(common * static_cast<float>(x.size(axes[i])) + 0.5F));
  }
  const bool crops = r.transform == "tf_crop_and_resize";
  const auto region = crops && optional_input(in, 1).defined() ? floats(in[1]) : std::vector<float>{};
  if (crops && region.size() != 2 * axes.size()) throw Unsupported("tf_crop_and_resize without a region of start and end an axis");
  std::vector<ResizedAxis> out;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    ResizedAxis a;
    a.axis = axes[i];
    a.in = x.size(axes[i]);
    a.out = sizes.empty() ? static_cast<std::int64_t>(std::floor(scales[i] * static_cast<float>(a.in))) : sizes[i];
    a.scale = scales.empty() ? static_cast<float>(a.out) / static_cast<float>(a.in) : scales[i];
    a.transform = r.transform;
    if (crops) {
      a.start = region[i];
      a.end = region[axes.size() + i];
    }
    if (a.out < 1 || a.in < 1) throw Unsupported("an axis without pixels");
    if (a.in != a.out || a.scale != 1.0F || (crops && (a.start != 0.0F || a.end != 1.0F))) out.push_back(std::move(a));
  }
  return out;
}

bool are_planes(const at::Tensor& x, const std::vector<ResizedAxis>& axes) {
  return x.dim() == 4 && axes.size() == 2 && axes[0].axis == 2 && axes[1].axis == 3;
}

at::Tensor nearest(const at::Tensor& x, const std::vector<ResizedAxis>& axes, const std::string& rounding) {
  std::vector<std::vector<std::int64_t>> from;
  bool plain = are_planes(x, axes);  // and every output reads input i / factor: LibTorch has a kernel for that
  for (const auto& axis : axes) {
    from.push_back(nearest_positions(axis, rounding));
    const auto factor = axis.out % axis.in == 0 ? axis.out / axis.in : 0;
    for (std::int64_t i = 0; plain && i < axis.out; ++i) plain = factor > 0 && from.back()[static_cast<std::size_t>(i)] == i / factor;
  }
  if (plain && at::isFloatingType(x.scalar_type())) return at::upsample_nearest2d(x, {axes[0].out, axes[1].out});
  auto y = x;
  for (std::size_t i = 0; i < axes.size(); ++i) y = y.index_select(axes[i].axis, at::tensor(from[i], at::kLong).to(x.device()));
  return y;
}

at::Tensor interpolated(const at::Tensor& x, const std::vector<ResizedAxis>& axes, const Resizing& r) {
  const bool aligned = r.transform == "align_corners";
  const bool centred =
      r.transform == "half_pixel" || (r.transform == "pytorch_half_pixel" && are_planes(x, axes) && axes[0].out > 1 && axes[1].out > 1);
  const bool usual = !r.how.antialias && !r.how.exclude_outside && (!r.how.cubic || r.how.cubic_coeff_a == -0.75F);
  if (are_planes(x, axes) && usual && (aligned || centred)) {
    const std::vector<std::int64_t> size{axes[0].out, axes[1].out};
    const double down = axes[0].scale;
    const double across = axes[1].scale;
    return r.how.cubic ? at::upsample_bicubic2d(x, size, aligned, down, across) : at::upsample_bilinear2d(x, size, aligned, down, across);
  }
  auto y = x;
  for (const auto& axis : axes) y = interpolate(axis, r.how).apply(y, axis.axis);
  return y;
}

/// Puts `value` wherever an axis reads from outside its input.
at::Tensor extrapolate(at::Tensor y, const std::vector<ResizedAxis>& axes, float value) {
  for (const auto& axis : axes) {
    std::vector<std::int64_t> outside;
    for (std::int64_t i = 0; i < axis.out; ++i) {
      if (axis.outside(i)) outside.push_back(i);
    }
    if (!outside.empty()) y = y.index_fill(axis.axis, at::tensor(outside, at::kLong).to(y.device()), value);
  }
  return y;
}

Kernel resize(const NodeContext& c) {
  const bool old = c.node.op == "Upsample" || c.opset < 11;
  Resizing r;
  r.mode = c.node.text("mode", "nearest");
  if (r.mode == "bilinear" || r.mode == "trilinear") r.mode = "linear";
  r.transform = old ? "asymmetric" : c.node.text("coordinate_transformation_mode", "half_pixel");
  r.rounding = old ? "floor" : c.node.text("nearest_mode", "round_prefer_floor");
  r.keep_aspect = c.node.text("keep_aspect_ratio_policy", "stretch");
  r.how.cubic = r.mode == "cubic";
  r.how.cubic_coeff_a = static_cast<float>(c.node.real("cubic_coeff_a", -0.75));
  r.how.exclude_outside = c.node.integer("exclude_outside", 0) != 0;
  r.how.antialias = c.node.integer("antialias", 0) != 0;
  r.extrapolation = static_cast<float>(c.node.real("extrapolation_value", 0.0));
  r.axes = c.node.integers("axes");
  r.scales_at = old ? 1 : 2;
  static const std::set<std::string> transforms{"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel",  "align_corners",
                                                "asymmetric", "tf_crop_and_resize",   "tf_half_pixel_for_nn"};
  static const std::set<std::string> roundings{"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
  if (r.mode != "nearest" && r.mode != "linear" && r.mode != "cubic") throw Unsupported("mode " + r.mode);
  if (transforms.count(r.transform) == 0) throw Unsupported("coordinate_transformation_mode " + r.transform);
  if (roundings.count(r.rounding) == 0) throw Unsupported("nearest_mode " + r.rounding);
  if (r.keep_aspect != "stretch" && r.keep_aspect != "not_larger" && r.keep_aspect != "not_smaller")
    throw Unsupported("keep_aspect_ratio_policy " + r.keep_aspect);
  const auto* attribute = c.node.attribute("scales");  // Upsample of operator set 7
  return [r, fixed = attribute ? attribute->floats : std::vector<float>{}](Tensors& in) -> Tensors {
    const auto axes = resized(r, in, fixed);
    const auto y = axes.empty() ? in[0] : r.mode == "nearest" ? nearest(in[0], axes, r.rounding) : interpolated(in[0], axes, r);
    return {r.transform == "tf_crop_and_resize" ? extrapolate(y, axes, r.extrapolation) : y};
  };
}

Kernel grid_sample(const NodeContext& c) {
  const auto mode = c.node.text("mode", "linear");
  const auto padding = c.node.text("padding_mode", "zeros");
  const std::int64_t how = mode == "linear" || mode == "bilinear" ? 0 : mode == "nearest" ? 1 : mode == "cubic" || mode == "bicubic" ? 2 : -1;
  const std::int64_t around = padding == "zeros" ? 0 : padding == "border" ? 1 : padding == "reflection" ? 2 : -1;
  if (how < 0) throw Unsupported("mode " + mode);
  if (around < 0) throw Unsupported("padding_mode " + padding);
  return [how, around, aligned = c.node.integer("align_corners", 0) != 0](Tensors& in) -> Tensors {
    return {at::grid_sampler(in[0], in[1], how, around, aligned)};
  };
}

}  // namespace

const std::vector<Operator>& resizing() {
  static const std::vector<Operator> table{
      {"Resize", resize, 10, ""},
      {"Upsample", resize, 7, "gone since opset 10"},
      {"GridSample", grid_sample, 16, "4 axes; 5 where not cubic"},
  };
  return table;
}

}  // namespace fair::train::operators
