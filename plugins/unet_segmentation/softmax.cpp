#include "plugins/unet_segmentation/softmax.h"

#include <algorithm>
#include <vector>

#include "core/plugin/sdk_math.h"

namespace fair::unet_segmentation {
using sdk::fast_exp;
using sdk::logistic;

bool are_probabilities(const Planes& planes) {
  for (std::size_t i = 0; i < planes.pixels; ++i) {
    const float* at = planes.values + i * planes.next_pixel;
    float sum = 0;
    for (std::size_t c = 0; c < planes.channels; ++c) {
      const float v = at[c * planes.next_channel];
      if (!(v >= 0.0F && v <= 1.0F)) return false;
      sum += v;
    }
    if (planes.channels > 1 && (sum < 0.999F || sum > 1.001F)) return false;
  }
  return true;
}

void to_sigmoid(const Planes& planes, bool probabilities, float* out) {
  const float* const v = planes.values;
  const std::size_t step = planes.next_pixel;
  if (probabilities) {
    for (std::size_t i = 0; i < planes.pixels; ++i) out[i] = v[i * step];
  } else if (step == 1) {
    for (std::size_t i = 0; i < planes.pixels; ++i) out[i] = logistic(v[i]);
  } else {
    for (std::size_t i = 0; i < planes.pixels; ++i) out[i] = logistic(v[i * step]);
  }
}

void to_probabilities(const Planes& planes, bool probabilities, float* out) {
  const std::size_t n = planes.pixels;
  const std::size_t channels = planes.channels;
  const std::size_t step = planes.next_pixel;
  const std::size_t apart = planes.next_channel;
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
      to_sigmoid(planes, false, to);
    } else if (step == 1) {
      for (std::size_t i = 0; i < n; ++i) to[i] = logistic(v[apart + i] - v[i]);  // a constant step is what makes vectors of it
    } else {
      for (std::size_t i = 0; i < n; ++i) to[i] = logistic(v[i * step + apart] - v[i * step]);
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
