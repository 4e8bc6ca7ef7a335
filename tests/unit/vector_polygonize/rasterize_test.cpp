#include "core/vector/rasterize.h"

#include <gtest/gtest.h>

#include <numeric>

namespace fair::vector {
namespace {

TEST(Rasterize, PixelCentresDecide) {
  std::vector<std::uint8_t> mask(16, 0);
  const Polygon square{{{0.6, 0.4}, {2.5, 0.4}, {2.5, 2.6}, {0.6, 2.6}}};
  EXPECT_EQ(rasterize<std::uint8_t>(square, 7, mask.data(), 4, 4), 3);
  EXPECT_EQ(mask[0 * 4 + 1], 7);
  EXPECT_EQ(mask[2 * 4 + 1], 7);
  EXPECT_EQ(mask[0 * 4 + 0], 0);
  EXPECT_EQ(mask[0 * 4 + 2], 0) << "a centre on the right edge belongs to the neighbour";
}

TEST(Rasterize, HolesStayEmptyAndOutsideIsClipped) {
  std::vector<std::uint8_t> mask(25, 0);
  const Polygon ring{{{-9, -9}, {99, -9}, {99, 99}, {-9, 99}}, {{1, 1}, {1, 4}, {4, 4}, {4, 1}}};
  EXPECT_EQ(rasterize<std::uint8_t>(ring, 1, mask.data(), 5, 5), 16);
  EXPECT_EQ(mask[2 * 5 + 2], 0);
}

TEST(Rasterize, TrianglesThatShareASideShareNoPixelAndLeaveNoGap) {
  std::vector<std::int32_t> mask(64 * 64, 0);
  const Point a{3.3, 2.1};
  const Point b{60.2, 11.7};
  const Point c{41.9, 61.3};
  const Point d{5.5, 50.5};
  const auto first = rasterize<std::int32_t>({{a, b, c}}, 1, mask.data(), 64, 64);
  const auto second = rasterize<std::int32_t>({{a, c, d}}, 2, mask.data(), 64, 64);
  const auto both = std::count_if(mask.begin(), mask.end(), [](int v) { return v != 0; });
  std::vector<std::int32_t> whole(64 * 64, 0);
  EXPECT_EQ(first + second, both);
  EXPECT_EQ(rasterize<std::int32_t>({{a, b, c, d}}, 1, whole.data(), 64, 64), both);
}

TEST(Rasterize, APolygonWithoutAreaSetsNothing) {
  std::vector<std::uint8_t> mask(4, 0);
  EXPECT_EQ(rasterize<std::uint8_t>({{{0, 0}, {2, 2}}}, 1, mask.data(), 2, 2), 0);
  EXPECT_EQ(rasterize<std::uint8_t>({}, 1, mask.data(), 2, 2), 0);
}

}  // namespace
}  // namespace fair::vector
