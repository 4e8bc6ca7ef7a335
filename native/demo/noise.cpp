#include "native/demo/noise.h"

#include <cmath>

namespace fair::demo {

double grain(std::uint64_t seed, std::int64_t x, std::int64_t y) {
  std::uint64_t h = seed ^ (static_cast<std::uint64_t>(x) * 0x9e3779b97f4a7c15ULL) ^ (static_cast<std::uint64_t>(y) * 0xc2b2ae3d27d4eb4fULL);
  h = (h ^ (h >> 29U)) * 0xbf58476d1ce4e5b9ULL;
  h = (h ^ (h >> 32U)) * 0x94d049bb133111ebULL;
  return static_cast<double>((h ^ (h >> 31U)) >> 11U) * 0x1.0p-53;
}

double noise(std::uint64_t seed, double x, double y) {
  const double fx = std::floor(x), fy = std::floor(y);
  const auto ix = static_cast<std::int64_t>(fx), iy = static_cast<std::int64_t>(fy);
  const double u = x - fx, v = y - fy;
  const double a = u * u * (3 - 2 * u), b = v * v * (3 - 2 * v);
  const double top = grain(seed, ix, iy) + (grain(seed, ix + 1, iy) - grain(seed, ix, iy)) * a;
  const double bottom = grain(seed, ix, iy + 1) + (grain(seed, ix + 1, iy + 1) - grain(seed, ix, iy + 1)) * a;
  return top + (bottom - top) * b;
}

double rough_noise(std::uint64_t seed, double x, double y, int octaves) {
  double sum = 0, weight = 1, weights = 0;
  for (int o = 0; o < octaves; ++o) {
    sum += weight * noise(seed + static_cast<std::uint64_t>(o) * 101, x, y);
    weights += weight;
    weight *= 0.5, x *= 2, y *= 2;
  }
  return sum / weights;
}

}  // namespace fair::demo
