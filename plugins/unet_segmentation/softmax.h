// Class probabilities from a network's scores, the same bits natively and in WASM.
#pragma once

#include <cstddef>

namespace fair::unet_segmentation {

/// One image's scores: planar (channels, pixels) or interleaved (pixels, channels).
struct Planes {
  const float* values;
  std::size_t channels, pixels;
  bool planar;
};

/// True when the values are probabilities already: all within 0…1 and, with several channels, summing to 1 at every pixel.
[[nodiscard]] bool are_probabilities(const float* values, std::size_t batch, std::size_t channels, std::size_t pixels, bool planar);

/// Fills `out`, planar: (max(channels, 2), pixels). One channel is a foreground score and becomes [1 - p, p].
void to_probabilities(const Planes& planes, bool probabilities, float* out);

}  // namespace fair::unet_segmentation
