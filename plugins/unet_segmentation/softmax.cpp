#include "plugins/unet_segmentation/softmax.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace fair::unet_segmentation {
namespace {

/// e^x to 2e-7 relative, from multiplications, additions and an exponent's bits alone: compilers turn the loops around it into vectors,
/// and every machine gets the same bits.
inline float fast_exp(float x) {
  x = x < -87.0F ? -87.0F : x;
  x = x > 87.0F ? 87.0F : x;
  const float t = x * 1.44269504F;
  const auto n = static_cast<std::int32_t>(t + 128.5F) - 128;
  const float f = (t - static_cast<float>(n)) * 0.693147181F;
  const float p = 1.0F + f * (1.0F + f * (0.5F + f * (0.166666667F + f * (0.0416666667F + f * (0.00833333333F + f * 0.00138888889F)))));
  const std::int32_t bits = (n + 127) << 23;
  return p * __builtin_bit_cast(float, bits);
}

inline float logistic(float x) { return 1.0F / (1.0F + fast_exp(-x)); }

}  // namespace

bool are_probabilities(const float* values, std::size_t batch, std::size_t channels, std::size_t pixels, bool planar) {
  const std::size_t step = planar ? pixels : 1;
  for (std::size_t b = 0; b < batch; ++b) {
    for (std::size_t i = 0; i < pixels; ++i) {
      const float* at = values + b * channels * pixels + (planar ? i : i * channels);
      float sum = 0;
      for (std::size_t c = 0; c < channels; ++c) {
        const float v = at[c * step];
        if (!(v >= 0.0F && v <= 1.0F)) return false;
        sum += v;
      }
      if (channels > 1 && (sum < 0.999F || sum > 1.001F)) return false;
    }
  }
  return true;
}

void to_probabilities(const Planes& planes, bool probabilities, float* out) {
  const std::size_t n = planes.pixels;
  const std::size_t channels = planes.channels;
  const std::size_t step = planes.planar ? 1 : channels;  // from pixel to pixel
  const std::size_t apart = planes.planar ? n : 1;        // from channel to channel
  const float* const v = planes.values;
  if (probabilities) {
    for (std::size_t c = 0; c < channels; ++c) {
      float* const to = out + (channels == 1 ? n : c * n);
      for (std::size_t i = 0; i < n; ++i) to[i] = v[c * apart + i * step];
    }
    if (channels == 1) {
      for (std::size_t i = 0; i < n; ++i) out[i] = 1.0F - out[n + i];
    }
    return;
  }
  if (channels <= 2) {
    // Two classes need one exponential a pixel.
    float* const to = out + n;
    if (channels == 1) {
      for (std::size_t i = 0; i < n; ++i) to[i] = logistic(v[i]);
    } else if (planes.planar) {
      for (std::size_t i = 0; i < n; ++i) to[i] = logistic(v[n + i] - v[i]);  // a constant step is what makes vectors of it
    } else {
      for (std::size_t i = 0; i < n; ++i) to[i] = logistic(v[2 * i + 1] - v[2 * i]);
    }
    for (std::size_t i = 0; i < n; ++i) out[i] = 1.0F - out[n + i];
    return;
  }
  std::vector<float> most(n, -3.0e38F);
  std::vector<float> sum(n, 0.0F);
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < n; ++i) most[i] = std::max(most[i], v[c * apart + i * step]);
  }
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < n; ++i) {
      const float e = fast_exp(v[c * apart + i * step] - most[i]);
      out[c * n + i] = e;
      sum[i] += e;
    }
  }
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < n; ++i) out[c * n + i] /= sum[i];
  }
}

}  // namespace fair::unet_segmentation
