// A window's pixels on their way to input values: scaled as the item says, turned and coloured at random.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/raster/turn.h"
#include "native/onnx/counter_random.h"

namespace fair::train {

constexpr int image_channels = 3;

/// How pixel values become input values: value * scale + offset, one entry or one a channel.
struct Preparation {
  std::vector<double> scale{1.0 / 255.0}, offset{0.0};
};

struct Augmentation {
  bool flip = true, rotate = true;
  double color = 0.2;  ///< largest relative change of brightness and contrast
  double scale = 0;    ///< things are drawn up to 1 + this times larger, and as many times smaller
  double angle = 0;    ///< and turned by up to this many degrees either way
};

/// Input value of each pixel value, by channel.
using InputTables = std::array<std::array<float, 256>, image_channels>;
[[nodiscard]] InputTables plain_tables(const Preparation& preparation);
/// Contrast about `mean`, brightness, and a little of each channel for itself: numbers 5 to 9 of `random`.
[[nodiscard]] InputTables coloured_tables(const Preparation& preparation, double mean, double reach, const onnx::CounterRandom& random);

/// One of the ways to lay a window of n pixels: numbers 3 and 4 of `random`.
[[nodiscard]] raster::Turn drawn_turn(const Augmentation& augmentation, const onnx::CounterRandom& random, std::int64_t n);

/// The same for a window that is drawn larger or smaller and turned by any angle besides: places between a chip's pixels.
struct Warp {
  double x0, y0, x_right, y_right, x_down, y_down;

  /// Numbers 20 to 24 of `random`. Every other window stays as sharp as it is: null. A window that reaches over the chip's edges lies in its middle.
  [[nodiscard]] static std::optional<Warp> drawn(const Augmentation& augmentation, const onnx::CounterRandom& random, const raster::Turn& turn,
                                                 double width, double height, std::int64_t n);
};

}  // namespace fair::train
