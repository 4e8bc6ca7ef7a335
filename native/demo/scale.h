// The town's scale: pixels of tiles at zoom 19 near the equator.
#pragma once

#include <cstdint>

namespace fair::demo {

inline constexpr std::int32_t chip_pixels = 256;
inline constexpr std::int32_t zoom = 19;
/// Metres of one pixel: the world's girth in 2^27 pixels.
inline constexpr double metres_per_pixel = 40075016.685578488 / 134217728.0;

/// Pixels of that many metres.
[[nodiscard]] constexpr double metres(double m) { return m / metres_per_pixel; }

}  // namespace fair::demo
