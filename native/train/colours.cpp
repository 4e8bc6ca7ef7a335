#include "native/train/colours.h"

#include <algorithm>
#include <cmath>

namespace fair::train {
namespace {

double of(const std::vector<double>& values, std::size_t channel) { return values.size() == 1 ? values[0] : values[channel]; }

/// Tables of what `change` makes of a channel's pixel value.
template <class Change>
Colours with_tables(const Preparation& preparation, Change change) {
  Colours out;
  for (std::size_t c = 0; c < out.tables.size(); ++c) {
    for (std::size_t v = 0; v < out.tables[c].size(); ++v) {
      out.tables[c][v] = static_cast<float>(change(c, static_cast<double>(v)) * of(preparation.scale, c) + of(preparation.offset, c));
    }
  }
  return out;
}

}  // namespace

Colours Colours::plain(const Preparation& preparation) {
  return with_tables(preparation, [](std::size_t, double value) { return value; });
}

Colours Colours::drawn(const Preparation& preparation, double mean, const Augmentation& augmentation, const onnx::CounterRandom& random) {
  const auto around = [&](std::uint64_t i, double by) { return 1.0 + by * (2.0 * random.uniform(i) - 1.0); };
  const double contrast = around(5, augmentation.color), brightness = around(6, augmentation.color);
  const std::array<double, image_channels> tint{around(7, augmentation.color / 3), around(8, augmentation.color / 3),
                                                around(9, augmentation.color / 3)};
  const double gamma = std::pow(1 + augmentation.gamma, 2.0 * random.uniform(10) - 1.0);
  Colours out = with_tables(preparation, [&](std::size_t c, double value) {
    const double bent = gamma == 1 ? value : 255 * std::pow(value / 255, gamma);
    return std::clamp(((bent - mean) * contrast + mean * brightness) * tint[c], 0.0, 255.0);
  });
  out.saturation = random.uniform(11) < augmentation.gray ? 0 : static_cast<float>(around(12, augmentation.saturation));
  return out;
}

void Colours::saturate(float* pixels, std::int64_t count) const {
  if (saturation == 1) return;
  for (std::int64_t i = 0; i < count; ++i, pixels += image_channels) {
    const float mean = (pixels[0] + pixels[1] + pixels[2]) / image_channels;
    for (int c = 0; c < image_channels; ++c) pixels[c] = mean + saturation * (pixels[c] - mean);
  }
}

}  // namespace fair::train
