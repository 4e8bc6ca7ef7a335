#include "core/vector/polygonize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/vector/rasterize.h"
#include "core/vector/shape_polygons.h"
#include "tests/unit/vector_polygonize/mask_support.h"

namespace fair::vector {
namespace {

using test::drawn;
using test::Mask;
using test::shapes_of;

TEST(Polygonize, OnePixelIsASquareClockwiseOnScreen) {
  const auto shapes = shapes_of(drawn({"...", ".1.", "..."}), Connectivity::four);
  ASSERT_EQ(shapes.size(), 1U);
  ASSERT_EQ(shapes[0].rings.size(), 1U);
  const std::vector<std::pair<int, int>> expected{{1, 1}, {2, 1}, {2, 2}, {1, 2}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(shapes[0].rings[0][i].x, expected[i].first);
    EXPECT_EQ(shapes[0].rings[0][i].y, expected[i].second);
  }
  EXPECT_EQ(shapes[0].pixels, 1);
  EXPECT_EQ(shapes[0].first_x, 1);
}

TEST(Polygonize, AMaskFilledToItsEdgesHasFourCorners) {
  const auto shapes = shapes_of(drawn({"11111111111", "11111111111"}), Connectivity::four);
  ASSERT_EQ(shapes.size(), 1U);
  EXPECT_EQ(shapes[0].rings[0].size(), 4U);
}

TEST(Polygonize, HolesFollowTheirOuterRing) {
  const auto shapes = shapes_of(drawn({"11111", "1.1.1", "11111"}), Connectivity::four);
  ASSERT_EQ(shapes.size(), 1U);
  ASSERT_EQ(shapes[0].rings.size(), 3U);
  EXPECT_EQ(shapes[0].rings[1][0].x, 1);
  EXPECT_EQ(shapes[0].rings[2][0].x, 3);
  EXPECT_EQ(ring_area(shapes[0]), 13);
}

TEST(Polygonize, AShapeThatTouchesItselfInACornerGetsAHoleThere) {
  // The two arms meet in a corner: the outline must not visit it twice.
  const auto shapes = shapes_of(drawn({"111", "1.1", "11.", "..."}), Connectivity::four);
  ASSERT_EQ(shapes.size(), 1U);
  EXPECT_EQ(shapes[0].rings.size(), 2U);
  EXPECT_EQ(shapes[0].parts.size(), 1U);
}

TEST(Polygonize, CornersJoinShapesOnlyWithEightConnectivity) {
  const Mask mask = drawn({"1..", ".1.", "..1"});
  EXPECT_EQ(shapes_of(mask, Connectivity::four).size(), 3U);
  const auto joined = shapes_of(mask, Connectivity::eight);
  ASSERT_EQ(joined.size(), 1U);
  EXPECT_EQ(joined[0].parts.size(), 3U);
  EXPECT_EQ(joined[0].pixels, 3);
}

TEST(Polygonize, NeighboursOfDifferentValueShareTheirCorners) {
  const auto shapes = shapes_of(drawn({"1122", "1122", "1332"}), Connectivity::four);
  ASSERT_EQ(shapes.size(), 3U);
  std::set<std::pair<int, int>> junctions;
  for (const Shape& shape : shapes) {
    for (const Corner& corner : shape.rings[0]) {
      if (corner.junction) junctions.insert({corner.x, corner.y});
    }
  }
  const std::set<std::pair<int, int>> expected{{2, 0}, {2, 2}, {1, 3}, {3, 3}};
  EXPECT_EQ(junctions, expected);
}

TEST(Polygonize, ConfidenceIsTheSumOfItsPixelsScores) {
  const Mask mask = drawn({"11.", "..1"});
  const auto shapes = shapes_of(mask, Connectivity::four, 1, {10, 20, 40, 80, 160, 320});
  ASSERT_EQ(shapes.size(), 2U);
  EXPECT_EQ(shapes[0].confidence, 30);
  EXPECT_EQ(shapes[1].confidence, 320);
}

TEST(Polygonize, SmallShapesAreDroppedWhenAsked) {
  const Mask mask = drawn({"11.1", "...."});
  int count = 0;
  PolygonizeOptions options;
  options.width = 4;
  options.min_pixels = 2;
  Polygonizer polygonizer(options, [&](Shape&&) { ++count; });
  polygonizer.push(mask.values.data(), 2);
  polygonizer.finish();
  EXPECT_EQ(count, 1);
}

struct RandomCase {
  std::int32_t width, height;
  double density;
  int values;
};

class RandomMasks : public testing::TestWithParam<RandomCase> {};

TEST_P(RandomMasks, CountAreaPixelsAndStripsAgree) {
  std::mt19937 random(7);
  const auto& [width, height, density, values] = GetParam();
  for (int round = 0; round < 40; ++round) {
    const Mask mask = test::random_mask(random, width, height, density, values);
    for (const auto connectivity : {Connectivity::four, Connectivity::eight}) {
      const auto shapes = shapes_of(mask, connectivity);
      ASSERT_EQ(static_cast<int>(shapes.size()), test::flood_count(mask, connectivity));
      std::vector<std::uint8_t> burnt(mask.values.size(), 0);
      for (const Shape& shape : shapes) {
        ASSERT_EQ(ring_area(shape), shape.pixels);
        std::int64_t set = 0;
        for (const Polygon& polygon : to_polygons(shape))
          set += rasterize(polygon, static_cast<std::uint8_t>(shape.value), burnt.data(), width, height);
        ASSERT_EQ(set, shape.pixels);
        std::set<std::pair<int, int>> seen;
        for (const auto& ring : shape.rings) {
          seen.clear();
          for (const Corner& corner : ring) ASSERT_TRUE(seen.insert({corner.x, corner.y}).second) << "a ring visits a corner twice";
        }
        if (connectivity == Connectivity::four) {
          ASSERT_EQ(shape.parts.size(), 1U);
        }
      }
      ASSERT_EQ(burnt, mask.values);
      for (const std::int32_t strip : {1, 2, 3, 5}) {
        const auto again = shapes_of(mask, connectivity, strip);
        ASSERT_EQ(again.size(), shapes.size());
        for (std::size_t i = 0; i < shapes.size(); ++i) ASSERT_TRUE(test::same(shapes[i], again[i]));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, RandomMasks,
                         testing::Values(RandomCase{1, 1, 0.5, 1}, RandomCase{1, 17, 0.5, 1}, RandomCase{17, 1, 0.5, 2}, RandomCase{8, 8, 0.5, 1},
                                         RandomCase{9, 9, 0.7, 1}, RandomCase{25, 21, 0.3, 1}, RandomCase{25, 21, 0.6, 1}, RandomCase{31, 33, 0.9, 3},
                                         RandomCase{16, 40, 1.0, 2}, RandomCase{70, 20, 0.97, 1}));

TEST(Polygonize, NeighboursAgreeOnEveryJunctionOfTheirBorder) {
  std::mt19937 random(3);
  for (int round = 0; round < 30; ++round) {
    const auto shapes = shapes_of(test::random_mask(random, 14, 14, 0.8, 2), Connectivity::four);
    std::set<std::pair<int, int>> junctions;
    std::set<std::pair<int, int>> plain;
    for (const Shape& shape : shapes) {
      for (const auto& ring : shape.rings) {
        for (const Corner& corner : ring) (corner.junction ? junctions : plain).insert({corner.x, corner.y});
      }
    }
    for (const auto& corner : plain) ASSERT_EQ(junctions.count(corner), 0U);
  }
}

}  // namespace
}  // namespace fair::vector
