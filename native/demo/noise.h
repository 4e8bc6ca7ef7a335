// Smooth noise without end: what makes grass look like grass.
#pragma once

#include <cstdint>

namespace fair::demo {

/// Values from 0 to 1, smooth over about one unit of x and y. Additions, multiplications and whole numbers only: the same on every machine.
[[nodiscard]] double noise(std::uint64_t seed, double x, double y);
/// Octaves of it, each twice as fine and half as strong; 0 to 1.
[[nodiscard]] double rough_noise(std::uint64_t seed, double x, double y, int octaves);
/// One value from 0 to 1 for every whole (x, y).
[[nodiscard]] double grain(std::uint64_t seed, std::int64_t x, std::int64_t y);

}  // namespace fair::demo
