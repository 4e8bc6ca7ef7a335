#include "core/raster/turn.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

using namespace fair::raster;

namespace {

Image numbered(std::int32_t side) {
  Image out{side, side, 1, {}, {}};
  for (std::int32_t i = 0; i < side * side; ++i) out.pixels.push_back(static_cast<std::uint8_t>(i + 1));
  return out;
}

}  // namespace

TEST(Turn, AQuarterPutsTheLowerLeftCornerFirst) {
  using Pixels = std::vector<std::uint8_t>;
  const Image square = numbered(2);  // 1 2 over 3 4
  EXPECT_EQ(turned(square.view(), {false, 0, 2}).pixels, (Pixels{1, 2, 3, 4}));
  EXPECT_EQ(turned(square.view(), {false, 1, 2}).pixels, (Pixels{3, 1, 4, 2}));
  EXPECT_EQ(turned(square.view(), {false, 2, 2}).pixels, (Pixels{4, 3, 2, 1}));
  EXPECT_EQ(turned(square.view(), {true, 0, 2}).pixels, (Pixels{2, 1, 4, 3}));
  EXPECT_EQ(turned(square.view(), {true, 1, 2}).pixels, (Pixels{1, 3, 2, 4}));
}

TEST(Turn, EightWaysAllDifferentEachWithEveryPixelOnce) {
  const Image square = numbered(5);
  std::set<std::vector<std::uint8_t>> ways;
  for (const bool mirror : {false, true}) {
    for (int quarters = 0; quarters < 4; ++quarters) {
      const Turn turn(mirror, quarters, 5);
      const Image image = turned(square.view(), turn);
      EXPECT_EQ(std::set<std::uint8_t>(image.pixels.begin(), image.pixels.end()).size(), 25U);
      for (std::int64_t y = 0; y < 5; ++y) {
        for (std::int64_t x = 0; x < 5; ++x) {
          EXPECT_EQ(image.pixels[static_cast<std::size_t>(y * 5 + x)], square.pixels[static_cast<std::size_t>(turn.row(y, 5) + x * turn.step(5))]);
        }
      }
      ways.insert(image.pixels);
    }
  }
  EXPECT_EQ(ways.size(), 8U);
}

TEST(Turn, WhatIsImageryAndAllChannelsGoAlong) {
  Image square{3, 3, 2, {}, {}};
  for (std::uint8_t i = 0; i < 9; ++i) {
    square.pixels.insert(square.pixels.end(), {i, static_cast<std::uint8_t>(100 + i)});
    square.valid.push_back(i % 2);
  }
  const Image image = turned(square.view(), {true, 3, 3});
  ASSERT_EQ(image.valid.size(), 9U);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_EQ(image.pixels[2 * i] + 100, image.pixels[2 * i + 1]);
    EXPECT_EQ(image.valid[i], image.pixels[2 * i] % 2);
  }
  EXPECT_EQ(image.pixels.front(), 8);
}
