#include "core/raster/resample.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace fair::raster {
namespace {

constexpr std::int32_t steps = 64;
constexpr std::int32_t furthest = 32;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

Ratio reduced(std::int32_t num, std::int32_t den) {
  const std::int32_t common = std::gcd(num, den);
  return {num / common, den / common};
}

/// The two source pixels between whose centres a target pixel's centre lies, and how far along in 1/(2 num).
struct Between {
  std::int64_t left;
  std::uint32_t along;
};
Between between(std::int64_t target, Ratio ratio) {
  const std::int64_t numerator = (2 * target + 1) * ratio.den - ratio.num;
  const std::int64_t left = floor_div(numerator, 2 * static_cast<std::int64_t>(ratio.num));
  return {left, static_cast<std::uint32_t>(numerator - left * 2 * ratio.num)};
}

}  // namespace

Result<Ratio> ratio_between(double source, double target) {
  if (!(source > 0) || !(target > 0)) {
    return fail(Code::invalid, "ground resolution", "metres a pixel above 0", std::to_string(source) + " and " + std::to_string(target));
  }
  const double ratio = source / target;
  if (ratio > furthest || ratio < 1.0 / furthest) {
    return fail(Code::invalid, "imagery", "a ground resolution within 32 times of the model's " + std::to_string(target) + " m a pixel",
                std::to_string(source) + " m a pixel", "choose another zoom or another model");
  }
  if (std::abs(ratio - 1) <= 0.01) return Ratio{};
  if (ratio > 1) return reduced(static_cast<std::int32_t>(std::lround(ratio * steps)), steps);
  return reduced(steps, static_cast<std::int32_t>(std::lround(steps / ratio)));
}

std::int64_t resampled(std::int64_t extent, Ratio ratio) {
  return std::max<std::int64_t>(1, (2 * extent * ratio.num + ratio.den) / (2 * static_cast<std::int64_t>(ratio.den)));
}

Span source_span(Span target, Ratio ratio, std::int64_t extent) {
  Span span = target;
  if (ratio.num > ratio.den) {
    span = {between(target.begin, ratio).left, between(target.end - 1, ratio).left + 2};
  } else if (ratio.num < ratio.den) {
    span = {floor_div(target.begin * ratio.den, ratio.num), floor_div(target.end * ratio.den - 1, ratio.num) + 1};
  }
  // An extent rounded up has a last target pixel that ends past the imagery: it repeats the last source pixel.
  span.begin = std::clamp<std::int64_t>(span.begin, 0, extent - 1);
  span.end = std::clamp<std::int64_t>(span.end, span.begin + 1, extent);
  return span;
}

void Resampler::plan(Axis& axis, Ratio ratio, Span source, std::int64_t extent, Span target) {
  const auto n = static_cast<std::size_t>(target.size());
  const bool enlarging = ratio.num > ratio.den;
  axis.taps = ratio.identity() ? 1 : enlarging ? 2 : (ratio.den + ratio.num - 1) / ratio.num + 1;
  axis.total = ratio.identity() ? 1U : static_cast<std::uint32_t>(enlarging ? 2 * ratio.num : ratio.den);
  const auto taps = static_cast<std::size_t>(axis.taps);
  axis.first.assign(n, 0);
  axis.centre.assign(n, 0);
  axis.weight.assign(n * taps, 0);
  const auto last = std::min(source.end, extent) - 1;
  for (std::size_t i = 0; i < n; ++i) {
    const std::int64_t t = target.begin + static_cast<std::int64_t>(i);
    const std::int64_t centre = floor_div((2 * t + 1) * ratio.den, 2 * static_cast<std::int64_t>(ratio.num));
    axis.centre[i] = static_cast<std::int32_t>(std::clamp(centre, source.begin, last) - source.begin);
    // Taps outside the imagery fall on its edge pixel; the window of taps is moved so that it stays inside the span.
    std::int64_t begin = ratio.identity() ? t : enlarging ? between(t, ratio).left : floor_div(t * ratio.den, ratio.num);
    const std::int64_t from = std::clamp<std::int64_t>(std::min(begin, last + 1 - axis.taps), source.begin, last);
    axis.first[i] = static_cast<std::int32_t>(from - source.begin);
    std::uint32_t* weight = &axis.weight[i * taps];
    const auto give = [&](std::int64_t pixel, std::uint32_t w) { weight[std::clamp(pixel, from, last) - from] += w; };
    if (ratio.identity()) {
      give(t, 1);
    } else if (enlarging) {
      const Between b = between(t, ratio);
      give(b.left, axis.total - b.along);
      give(b.left + 1, b.along);
    } else {
      const std::int64_t low = t * ratio.den;
      const std::int64_t high = low + ratio.den;
      for (std::int64_t s = begin; s * ratio.num < high; ++s) {
        give(s, static_cast<std::uint32_t>(std::min(high, (s + 1) * ratio.num) - std::max(low, s * ratio.num)));
      }
    }
  }
  // A span narrower than the taps (imagery of a few pixels): never read past it.
  const std::int64_t room = last + 1 - source.begin;
  if (room < axis.taps) {
    const auto kept = static_cast<std::size_t>(room);
    std::vector<std::uint32_t> packed(n * kept);
    for (std::size_t i = 0; i < n; ++i) std::copy_n(&axis.weight[i * taps], kept, &packed[i * kept]);
    axis.weight = std::move(packed);
    axis.taps = static_cast<std::int32_t>(room);
  }
}

void Resampler::run(const ImageView& source, Span sx, Span sy, std::int64_t extent_x, std::int64_t extent_y, Span tx, Span ty, Image& out) {
  plan(columns_, x_, sx, extent_x, tx);
  plan(rows_, y_, sy, extent_y, ty);
  const std::int32_t channels = source.channels;
  out.width = static_cast<std::int32_t>(tx.size());
  out.height = static_cast<std::int32_t>(ty.size());
  out.channels = channels;
  const std::size_t row_values = static_cast<std::size_t>(out.width) * static_cast<std::size_t>(channels);
  out.pixels.resize(row_values * static_cast<std::size_t>(out.height));

  line_.resize(row_values * static_cast<std::size_t>(source.height));
  for (std::int32_t y = 0; y < source.height; ++y) {
    const std::uint8_t* row = source.data + y * source.stride;
    std::uint32_t* to = &line_[row_values * static_cast<std::size_t>(y)];
    const std::uint32_t* weight = columns_.weight.data();
    for (std::int32_t x = 0; x < out.width; ++x, weight += columns_.taps) {
      const std::uint8_t* from = row + static_cast<std::ptrdiff_t>(columns_.first[static_cast<std::size_t>(x)]) * channels;
      for (std::int32_t c = 0; c < channels; ++c) {
        std::uint32_t sum = 0;
        for (std::int32_t k = 0; k < columns_.taps; ++k) sum += weight[k] * from[k * channels + c];
        *to++ = sum;
      }
    }
  }

  const std::uint32_t total = columns_.total * rows_.total;
  std::vector<std::uint32_t> sum(row_values);
  for (std::int32_t y = 0; y < out.height; ++y) {
    std::fill(sum.begin(), sum.end(), total / 2);
    for (std::int32_t k = 0; k < rows_.taps; ++k) {
      const std::uint32_t weight = rows_.weight[static_cast<std::size_t>(y) * static_cast<std::size_t>(rows_.taps) + static_cast<std::size_t>(k)];
      if (weight == 0) continue;
      const std::uint32_t* from = &line_[row_values * static_cast<std::size_t>(rows_.first[static_cast<std::size_t>(y)] + k)];
      for (std::size_t i = 0; i < row_values; ++i) sum[i] += weight * from[i];
    }
    std::uint8_t* to = &out.pixels[row_values * static_cast<std::size_t>(y)];
    for (std::size_t i = 0; i < row_values; ++i) to[i] = static_cast<std::uint8_t>(sum[i] / total);
  }

  out.valid.clear();
  if (source.valid == nullptr) return;
  out.valid.resize(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height));
  std::size_t at = 0;
  for (std::int32_t y = 0; y < out.height; ++y) {
    const std::uint8_t* row = source.valid + static_cast<std::ptrdiff_t>(rows_.centre[static_cast<std::size_t>(y)]) * source.width;
    for (std::int32_t x = 0; x < out.width; ++x) out.valid[at++] = row[columns_.centre[static_cast<std::size_t>(x)]];
  }
}

Image resized(const ImageView& image, std::int32_t width, std::int32_t height) {
  Image out;
  Resampler resampler(reduced(width, image.width), reduced(height, image.height));
  resampler.run(image, {0, image.width}, {0, image.height}, image.width, image.height, {0, width}, {0, height}, out);
  return out;
}

}  // namespace fair::raster
