// How windows differ each time they are drawn to be learnt from: how they lie. What becomes of their colours: colours.h.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/json.h"
#include "core/raster/turn.h"
#include "native/onnx/counter_random.h"

namespace fair::train {

/// A plugin description's training.augment; what it leaves out is as here.
struct Augmentation {
  bool flip = true, rotate = true;
  double color = 0.2;     ///< largest relative change of brightness and contrast; of each channel for itself a third of it
  double gamma = 0;       ///< pixel values are raised to up to 1 + this, or as little as its inverse
  double saturation = 0;  ///< largest relative change of what tells a pixel's channels apart
  double gray = 0;        ///< share of windows without colours
  double scale = 0;       ///< things are drawn up to 1 + this times larger, and as many times smaller
  double angle = 0;       ///< and turned by up to this many degrees either way
  double stretch = 0;     ///< and by up to 1 + this times longer and as much narrower, or sheared by up to this

  [[nodiscard]] static Augmentation from(const Json& augment);
};

/// One of the ways to lay a window of n pixels: numbers 3 and 4 of `random`.
[[nodiscard]] raster::Turn drawn_turn(const Augmentation& augmentation, const onnx::CounterRandom& random, std::int64_t n);

/// The same for a window that is drawn larger or smaller, turned by any angle or stretched besides: places between a chip's pixels.
struct Warp {
  double x0, y0, x_right, y_right, x_down, y_down;

  /// Numbers 20 to 26 of `random`. Every other window stays as sharp as it is: null. A window that reaches over the chip's edges lies in its middle.
  [[nodiscard]] static std::optional<Warp> drawn(const Augmentation& augmentation, const onnx::CounterRandom& random, const raster::Turn& turn,
                                                 double width, double height, std::int64_t n);
};

}  // namespace fair::train
