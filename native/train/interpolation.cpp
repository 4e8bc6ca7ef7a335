#include "native/train/interpolation.h"

#include <algorithm>
#include <cmath>

namespace fair::train::operators {
namespace {

double triangle(double x) { return std::max(0.0, 1.0 - std::abs(x)); }

/// Keys' cubic convolution kernel.
double keys(double x, double a) {
  x = std::abs(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

}  // namespace

float ResizedAxis::source(std::int64_t i) const {
  const auto x = static_cast<float>(i);
  const auto last_in = static_cast<float>(in - 1);
  const auto last_out = static_cast<float>(out - 1);
  if (transform == "asymmetric") return x / scale;
  if (transform == "align_corners") return out == 1 ? 0.0F : x * last_in / last_out;
  if (transform == "pytorch_half_pixel") return out > 1 ? (x + 0.5F) / scale - 0.5F : 0.0F;
  if (transform == "tf_half_pixel_for_nn") return (x + 0.5F) / scale;
  if (transform == "tf_crop_and_resize") return out > 1 ? start * last_in + x * (end - start) * last_in / last_out : 0.5F * (start + end) * last_in;
  if (transform == "half_pixel_symmetric") {
    // The output's size before it was rounded down keeps the picture's centre where it was.
    const float adjustment = static_cast<float>(out) / (scale * static_cast<float>(in));
    const float offset = static_cast<float>(in) / 2.0F * (1.0F - adjustment);
    return offset + (x + 0.5F) / scale - 0.5F;
  }
  return (x + 0.5F) / scale - 0.5F;
}

bool ResizedAxis::outside(std::int64_t i) const {
  if (transform != "tf_crop_and_resize") return false;
  const float x = source(i);
  return x < 0 || x > static_cast<float>(in - 1);
}

std::vector<std::int64_t> nearest_positions(const ResizedAxis& axis, const std::string& rounding) {
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < axis.out; ++i) {
    const float x = axis.source(i);
    float whole = 0;
    if (rounding == "floor") whole = std::floor(x);
    else if (rounding == "ceil") whole = std::ceil(x);
    else if (rounding == "round_prefer_ceil") whole = std::floor(x + 0.5F);
    else whole = std::ceil(x - 0.5F);
    out.push_back(std::clamp<std::int64_t>(static_cast<std::int64_t>(whole), 0, axis.in - 1));
  }
  return out;
}

Taps interpolate(const ResizedAxis& axis, const Interpolation& how) {
  const double reach = how.cubic ? 2.0 : 1.0;
  const double shrink = how.antialias ? std::max(1.0, 1.0 / static_cast<double>(axis.scale)) : 1.0;
  const bool fits = how.exclude_outside && (how.cubic || how.antialias);
  const auto half = static_cast<std::int64_t>(std::ceil(reach * shrink));
  Taps taps;
  taps.count = 2 * half;
  for (std::int64_t i = 0; i < axis.out; ++i) {
    double x = axis.source(i);
    if (!how.cubic && !how.antialias) x = std::clamp(x, 0.0, static_cast<double>(axis.in - 1));
    const auto first = static_cast<std::int64_t>(std::floor(x)) - half + 1;
    double total = 0;
    const auto from = taps.weight.size();
    for (std::int64_t k = 0; k < taps.count; ++k) {
      const double off = (static_cast<double>(first + k) - x) / shrink;
      const bool inside = first + k >= 0 && first + k < axis.in;
      const double weight = fits && !inside ? 0.0 : how.cubic ? keys(off, how.cubic_coeff_a) : triangle(off);
      taps.position.push_back(std::clamp<std::int64_t>(first + k, 0, axis.in - 1));
      taps.weight.push_back(weight);
      total += weight;
    }
    if (fits || how.antialias) {
      for (std::size_t k = from; k < taps.weight.size(); ++k) taps.weight[k] /= total;
    }
  }
  return taps;
}

at::Tensor Taps::apply(const at::Tensor& x, std::int64_t axis) const {
  const auto out = static_cast<std::int64_t>(weight.size()) / count;
  const auto weights = at::tensor(weight, at::kDouble).view({out, count}).to(x.options());
  const auto positions = at::tensor(position, at::kLong).view({out, count}).to(x.device());
  if (count > 4) {  // many neighbours: as one matrix
    const auto matrix = at::zeros({out, x.size(axis)}, x.options()).scatter_add(1, positions, weights);
    return at::matmul(x.movedim(axis, -1), matrix.t()).movedim(-1, axis);
  }
  std::vector<std::int64_t> along(static_cast<std::size_t>(x.dim()), 1);
  along[static_cast<std::size_t>(axis)] = out;
  at::Tensor y;
  for (std::int64_t k = 0; k < count; ++k) {
    const auto part = x.index_select(axis, positions.select(1, k)) * weights.select(1, k).view(along);
    y = y.defined() ? y + part : part;
  }
  return y;
}

}  // namespace fair::train::operators
