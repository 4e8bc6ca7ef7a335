// Random numbers by address: the i-th number of a stream is a pure function of (seed, stream, i), so order of use and threads do not matter.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

namespace fair::onnx {

class CounterRandom {
 public:
  constexpr CounterRandom(std::uint64_t seed, std::uint64_t stream) : key_(mix(seed ^ mix(stream + golden))) {}

  /// 64 well-mixed bits.
  [[nodiscard]] constexpr std::uint64_t bits(std::uint64_t i) const { return mix(key_ + (i + 1) * golden); }
  /// In [0, 1), 53 bits.
  [[nodiscard]] constexpr double uniform(std::uint64_t i) const { return static_cast<double>(bits(i) >> 11U) * 0x1.0p-53; }
  /// In [0, n); n > 0.
  [[nodiscard]] constexpr std::uint64_t below(std::uint64_t i, std::uint64_t n) const {
    return static_cast<std::uint64_t>(uniform(i) * static_cast<double>(n));
  }
  /// Mean 0, deviation 1 (Box and Muller).
  [[nodiscard]] double normal(std::uint64_t i) const {
    const double u = 1.0 - uniform(2 * i);
    const double v = uniform(2 * i + 1);
    return std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586 * v);
  }

  /// A stream number for a name (FNV-1a).
  [[nodiscard]] static constexpr std::uint64_t stream_of(std::string_view name) {
    std::uint64_t h = 1469598103934665603ULL;
    for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return h;
  }

 private:
  static constexpr std::uint64_t golden = 0x9e3779b97f4a7c15ULL;
  /// SplitMix64's finaliser (Steele, Lea, Flood 2014).
  [[nodiscard]] static constexpr std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  std::uint64_t key_;
};

}  // namespace fair::onnx
