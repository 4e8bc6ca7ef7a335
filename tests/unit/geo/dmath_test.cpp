#include "core/geo/dmath.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>

namespace fair::geo {
namespace {

std::uint64_t bits(double x) {
  std::uint64_t out;
  std::memcpy(&out, &x, sizeof out);
  return out;
}

/// Difference in units of the last place of the larger of the expected value and `floor`.
double ulps(double got, double expected, double floor) {
  const double size = std::fmax(std::fabs(expected), floor);
  return std::fabs(got - expected) / (std::nextafter(size, INFINITY) - size);
}

TEST(Dmath, IsWithinAFewUlpOfLibm) {
  double worst[5] = {};
  for (int i = -200000; i <= 200000; ++i) {
    const double x = i * 7.3e-5;
    worst[0] = std::fmax(worst[0], ulps(dsin(x), std::sin(x), 1e-3));
    worst[1] = std::fmax(worst[1], ulps(dcos(x), std::cos(x), 1e-3));
    worst[2] = std::fmax(worst[2], ulps(datan(x), std::atan(x), 0));
    worst[3] = std::fmax(worst[3], ulps(dexp(x), std::exp(x), 0));
    if (i > 0) worst[4] = std::fmax(worst[4], ulps(dlog(x), std::log(x), 0.01));
  }
  for (const double w : worst) EXPECT_LE(w, 4.0);
}

TEST(Dmath, GivesTheSameBitsEverywhere) {
  // A sum over many places of all of them: any difference in any bit shows. The figures are what x86-64 gives.
  std::uint64_t sum = 0;
  for (int i = 1; i <= 20000; ++i) {
    const double x = i * 0.001237;
    for (const double y : {dsin(x), dcos(x), datan(x), dexp(x), dlog(x), datan2(x - 10, 3 - x)}) sum = sum * 1099511628211ULL + bits(y);
  }
  EXPECT_EQ(sum, 6157042849972164948ULL);
}

TEST(Dmath, KnowsItsEdges) {
  EXPECT_TRUE(std::isnan(dlog(0)));
  EXPECT_TRUE(std::isnan(dlog(-1)));
  EXPECT_EQ(dexp(-1000), 0.0);
  EXPECT_TRUE(std::isinf(dexp(1000)));
  EXPECT_EQ(datan2(0, 0), 0.0);
  EXPECT_DOUBLE_EQ(datan2(0, -1), pi);
  EXPECT_DOUBLE_EQ(datan2(-1, 0), -pi / 2);
}

}  // namespace
}  // namespace fair::geo
