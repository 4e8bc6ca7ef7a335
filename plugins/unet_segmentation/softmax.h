// Class probabilities from a network's scores, the same bits natively and in WASM.
#pragma once

#include <cstddef>

namespace fair::unet_segmentation {

/// Some channels of one image's scores.
struct Planes {
  const float* values;  ///< the first channel's first pixel
  std::size_t channels, pixels;
  std::size_t next_pixel, next_channel;  ///< elements to the next pixel, and to the next channel
};

/// True when the values are probabilities already: all within 0…1 and, with several channels, summing to 1 at every pixel.
[[nodiscard]] bool are_probabilities(const Planes& planes);

/// Fills `out`, planar: (max(channels, 2), pixels). One channel is a foreground score and becomes [1 - p, p].
void to_probabilities(const Planes& planes, bool probabilities, float* out);

/// Fills `out` (pixels) with the sigmoid of the first channel, or with its values where they are probabilities.
void to_sigmoid(const Planes& planes, bool probabilities, float* out);

}  // namespace fair::unet_segmentation
