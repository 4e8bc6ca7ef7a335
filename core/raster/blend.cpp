#include "core/raster/blend.h"

#include <algorithm>
#include <cstring>

namespace fair::raster {
namespace {

std::int32_t ramp(const WindowAxis& axis, std::int64_t within) {
  return static_cast<std::int32_t>(std::min<std::int64_t>({within + 1, axis.size - within, axis.overlap + 1}));
}

}  // namespace

void blend_weights(const WindowAxis& axis, std::int64_t i, std::vector<float>& weights) {
  weights.assign(static_cast<std::size_t>(axis.size), 0.0F);
  const Span span = axis.span(i);
  const std::int64_t count = axis.count();
  std::int64_t first = i;
  while (first > 0 && axis.span(first - 1).end > span.begin) --first;
  std::int64_t last = i;
  while (last + 1 < count && axis.start(last + 1) < span.end) ++last;
  for (std::int64_t x = span.begin; x < span.end; ++x) {
    std::int32_t total = 0;
    for (std::int64_t k = first; k <= last; ++k) {
      const std::int64_t within = x - axis.start(k);
      if (within >= 0 && within < axis.size) total += ramp(axis, within);
    }
    const std::int64_t within = x - span.begin;
    weights[static_cast<std::size_t>(within)] = static_cast<float>(ramp(axis, within)) / static_cast<float>(total);
  }
}

Blender::Blender(const WindowAxis& across, const WindowAxis& along, std::int32_t channels)
    : across_(across),
      along_(along),
      channels_(channels),
      width_(static_cast<std::size_t>(across.extent)),
      sums_(static_cast<std::size_t>(channels) * static_cast<std::size_t>(along.size) * width_),
      valid_(static_cast<std::size_t>(along.size) * width_) {}

void Blender::add(std::int64_t i, std::int64_t j, const float* scores, std::int64_t plane, const std::uint8_t* valid) {
  blend_weights(across_, i, weights_across_);
  blend_weights(along_, j, weights_along_);
  const Span columns = across_.span(i);
  const auto n = static_cast<std::size_t>(columns.size());
  const auto rows = static_cast<std::size_t>(along_.span(j).size());
  const auto size = static_cast<std::size_t>(across_.size);
  const auto left = static_cast<std::size_t>(columns.begin);
  const float* wx = weights_across_.data();
  for (std::int32_t c = 0; c < channels_; ++c) {
    float* strip = &sums_[static_cast<std::size_t>(c) * static_cast<std::size_t>(along_.size) * width_];
    const float* window = scores + c * plane;
    for (std::size_t y = 0; y < rows; ++y) {
      const float wy = weights_along_[y];
      float* __restrict to = strip + y * width_ + left;
      const float* __restrict from = window + y * size;
      for (std::size_t x = 0; x < n; ++x) to[x] += wy * wx[x] * from[x];
    }
  }
  for (std::size_t y = 0; y < rows; ++y) {
    std::uint8_t* to = &valid_[y * width_ + left];
    if (valid == nullptr) {
      std::memset(to, 1, n);
    } else {
      std::memcpy(to, valid + y * size, n);
    }
  }
}

std::int32_t Blender::settled_rows(std::int64_t j) const { return static_cast<std::int32_t>(along_.settled_before(j + 1) - along_.start(j)); }

const float* Blender::scores(std::int32_t channel, std::int32_t row) const {
  return &sums_[(static_cast<std::size_t>(channel) * static_cast<std::size_t>(along_.size) + static_cast<std::size_t>(row)) * width_];
}

const std::uint8_t* Blender::valid(std::int32_t row) const { return &valid_[static_cast<std::size_t>(row) * width_]; }

void Blender::advance(std::int64_t j) {
  const auto gone = static_cast<std::size_t>(settled_rows(j));
  const auto held = static_cast<std::size_t>(along_.size);
  const std::size_t kept = gone < held ? held - gone : 0;
  for (std::int32_t c = 0; c < channels_; ++c) {
    float* strip = &sums_[static_cast<std::size_t>(c) * held * width_];
    std::memmove(strip, strip + gone * width_, kept * width_ * sizeof(float));
    std::fill(strip + kept * width_, strip + held * width_, 0.0F);
  }
  std::memmove(valid_.data(), valid_.data() + gone * width_, kept * width_);
  std::fill(valid_.begin() + static_cast<std::ptrdiff_t>(kept * width_), valid_.end(), std::uint8_t{0});
}

}  // namespace fair::raster
