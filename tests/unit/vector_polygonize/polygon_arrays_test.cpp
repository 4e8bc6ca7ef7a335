#include "core/vector/polygon_arrays.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/unit/vector_polygonize/mask_support.h"

namespace fair::vector {
namespace {

using test::drawn;
using test::Mask;

constexpr std::array<double, 6> ground{100, 2, 0, 200, 0, -2};

double area(const PolygonArrays& arrays, std::size_t ring) {
  double twice = 0;
  for (std::size_t i = arrays.rings[ring]; i + 1 < arrays.rings[ring + 1]; ++i) {
    const double* p = arrays.coordinates.data() + 2 * i;
    twice += p[0] * p[3] - p[2] * p[1];
  }
  return twice / 2;
}

TEST(PolygonArrays, HolesComeAfterTheirOuterRingAndRunTheOtherWay) {
  const Mask mask = drawn({"1111.", "1..1.", "1..12", "11112"});
  const PolygonArrays arrays = polygon_arrays(mask.values.data(), mask.width, mask.height, Connectivity::four, ground);
  EXPECT_EQ(arrays.values, (std::vector<std::uint8_t>{1, 2}));
  EXPECT_EQ(arrays.polygons, (std::vector<std::uint32_t>{0, 2, 3}));
  ASSERT_EQ(arrays.rings.size(), 4U);
  EXPECT_EQ(area(arrays, 0), 16 * 4);
  EXPECT_EQ(area(arrays, 1), -4 * 4);
  EXPECT_EQ(area(arrays, 2), 2 * 4);
  for (std::size_t r = 0; r < 3; ++r) {
    const double* first = arrays.coordinates.data() + 2 * std::size_t{arrays.rings[r]};
    const double* last = arrays.coordinates.data() + 2 * (std::size_t{arrays.rings[r + 1]} - 1);
    EXPECT_EQ(first[0], last[0]);
    EXPECT_EQ(first[1], last[1]);
  }
}

TEST(PolygonArrays, ShapesThatHoldTogetherByCornersBecomeOnePolygonAPart) {
  const Mask mask = drawn({"1.", ".1"});
  EXPECT_EQ(polygon_arrays(mask.values.data(), 2, 2, Connectivity::eight, ground).polygons, (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST(PolygonArrays, AnEmptyMaskHasNone) {
  const Mask mask = drawn({"..", ".."});
  const PolygonArrays arrays = polygon_arrays(mask.values.data(), 2, 2, Connectivity::four, ground);
  EXPECT_EQ(arrays.values.size(), 0U);
  EXPECT_EQ(arrays.rings, std::vector<std::uint32_t>{0});
  EXPECT_EQ(arrays.polygons, std::vector<std::uint32_t>{0});
}

}  // namespace
}  // namespace fair::vector
