// For plugins: exponentials that give the same bits natively and in WASM. Header-only.
#pragma once

#include <cstdint>

namespace fair::sdk {

/// e^x to 2e-7 relative, from multiplications, additions and an exponent's bits alone: compilers turn the loops around it into vectors,
/// and every machine gets the same bits. Arguments are held within ±87.
inline float fast_exp(float x) {
  x = x < -87.0F ? -87.0F : x;
  x = x > 87.0F ? 87.0F : x;
  const float t = x * 1.44269504F;
  const auto n = static_cast<std::int32_t>(t + 128.5F) - 128;
  const float f = (t - static_cast<float>(n)) * 0.693147181F;
  const float p = 1.0F + f * (1.0F + f * (0.5F + f * (0.166666667F + f * (0.0416666667F + f * (0.00833333333F + f * 0.00138888889F)))));
  const std::int32_t bits = (n + 127) << 23;
  return p * __builtin_bit_cast(float, bits);
}

/// 1 / (1 + e^-x).
inline float logistic(float x) { return 1.0F / (1.0F + fast_exp(-x)); }

}  // namespace fair::sdk
