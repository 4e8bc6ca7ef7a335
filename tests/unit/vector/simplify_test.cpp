#include "core/vector/simplify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/vector/polygonize.h"
#include "core/vector/validity.h"
#include "tests/unit/vector_polygonize/mask_support.h"

namespace fair::vector {
namespace {

TEST(Simplify, AStaircaseBecomesALine) {
  std::vector<std::string> rows;
  for (int y = 0; y < 12; ++y) rows.push_back(std::string(static_cast<std::size_t>(y + 1), '1') + std::string(static_cast<std::size_t>(11 - y), '.'));
  const auto shapes = test::shapes_of(test::drawn(rows), Connectivity::four);
  ASSERT_EQ(shapes.size(), 1U);
  EXPECT_LE(simplify(shapes[0].rings[0], {1, 1}, 1.0).size(), 4U);
  EXPECT_EQ(simplify(shapes[0].rings[0], {1, 1}, 0.0).size(), shapes[0].rings[0].size());
}

TEST(Simplify, NeighboursKeepTheSameCornersOfTheirBorder) {
  std::mt19937 random(5);
  for (int round = 0; round < 40; ++round) {
    test::Mask mask{20, 20, std::vector<std::uint8_t>(400, 1)};
    int edge = 10;
    for (int y = 0; y < 20; ++y) {
      edge = std::clamp(edge + static_cast<int>(random() % 3) - 1, 2, 17);
      for (int x = edge; x < 20; ++x) mask.values[static_cast<std::size_t>(y * 20 + x)] = 2;
    }
    const auto shapes = test::shapes_of(mask, Connectivity::four);
    ASSERT_EQ(shapes.size(), 2U);
    std::set<std::pair<int, int>> border[2];
    for (int s = 0; s < 2; ++s) {
      const auto& ring = shapes[static_cast<std::size_t>(s)].rings[0];
      for (const std::size_t i : simplify(ring, {1, 1}, 1.0)) {
        if (ring[i].x > 0 && ring[i].x < 20) border[s].insert({ring[i].x, ring[i].y});
      }
    }
    ASSERT_EQ(border[0], border[1]);
  }
}

TEST(Validity, TellsSimpleRingsFromCrossedOnes) {
  EXPECT_TRUE(is_valid({{{0, 0}, {4, 0}, {4, 4}, {0, 4}}}));
  EXPECT_FALSE(is_valid({{{0, 0}, {4, 4}, {4, 0}, {0, 4}}}));
  EXPECT_FALSE(is_valid({{{0, 0}, {4, 0}, {4, 4}, {2, 0}}}));
  EXPECT_TRUE(is_valid({{{0, 0}, {9, 0}, {9, 9}, {0, 9}}, {{2, 2}, {2, 4}, {4, 4}}}));
  EXPECT_FALSE(is_valid({{{0, 0}, {9, 0}, {9, 9}, {0, 9}}, {{20, 2}, {20, 4}, {24, 4}}}));
  EXPECT_TRUE(overlap({{0, 0}, {4, 0}, {4, 4}, {0, 4}}, {{3, 3}, {6, 3}, {6, 6}, {3, 6}}));
  EXPECT_FALSE(overlap({{0, 0}, {2, 0}, {2, 2}, {0, 2}}, {{3, 3}, {6, 3}, {6, 6}, {3, 6}}));
}

}  // namespace
}  // namespace fair::vector
