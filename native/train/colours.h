// A window's pixels on their way to input values: scaled as the item says, coloured at random.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "native/onnx/counter_random.h"
#include "native/train/augmentation.h"

namespace fair::train {

constexpr int image_channels = 3;

/// How pixel values become input values: value * scale + offset, one entry or one a channel.
struct Preparation {
  std::vector<double> scale{1.0 / 255.0}, offset{0.0};
};

struct Colours {
  std::array<std::array<float, 256>, image_channels> tables{};  ///< input value of each pixel value, by channel
  float saturation = 1;                                         ///< how far a pixel's input values lie from their mean, then

  [[nodiscard]] static Colours plain(const Preparation& preparation);
  /// Gamma, then contrast about `mean` (of the window's pixel values), brightness, a little of each channel for itself; saturation: numbers 5 to 12
  /// of `random`.
  [[nodiscard]] static Colours drawn(const Preparation& preparation, double mean, const Augmentation& augmentation,
                                     const onnx::CounterRandom& random);

  /// Of `count` pixels that have gone through the tables.
  void saturate(float* pixels, std::int64_t count) const;
};

}  // namespace fair::train
