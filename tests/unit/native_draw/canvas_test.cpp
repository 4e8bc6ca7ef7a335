#include "native/draw/canvas.h"

#include <gtest/gtest.h>

#include <cmath>

#include "native/draw/coverage.h"
#include "native/draw/glyphs.h"

namespace {

using namespace fair;

double covered(const vector::Polygon& polygon, std::int32_t width, std::int32_t height) {
  double sum = 0;
  draw::cover(polygon, width, height, [&](std::int32_t x, std::int32_t y, const double* share, std::int32_t count) {
    EXPECT_GE(x, 0);
    EXPECT_LE(x + count, width);
    EXPECT_GE(y, 0);
    EXPECT_LT(y, height);
    for (std::int32_t i = 0; i < count; ++i) {
      EXPECT_LE(share[i], 1.0 + 1e-12);
      sum += share[i];
    }
  });
  return sum;
}

TEST(Coverage, SumsToTheArea) {
  EXPECT_DOUBLE_EQ(covered({{{1, 1}, {5, 1}, {5, 4}, {1, 4}}}, 10, 10), 12);
  EXPECT_NEAR(covered({{{1.25, 1.25}, {5.75, 1.25}, {5.75, 4.75}, {1.25, 4.75}}}, 10, 10), 4.5 * 3.5, 1e-9);
  EXPECT_NEAR(covered({{{2, 2}, {12, 5}, {6, 14}}}, 20, 20), 54, 0.5);
  EXPECT_NEAR(covered({{{0, 0}, {8, 0}, {8, 8}, {0, 8}}, {{2, 2}, {2, 6}, {6, 6}, {6, 2}}}, 20, 20), 48, 1e-9) << "a hole is not covered";
}

TEST(Coverage, StaysInsideThePicture) {
  EXPECT_NEAR(covered({{{-5, -5}, {30, -5}, {30, 30}, {-5, 30}}}, 10, 6), 60, 1e-9);
  EXPECT_EQ(covered({{{-5, -5}, {-1, -5}, {-1, 30}, {-5, 30}}}, 10, 6), 0);
  EXPECT_EQ(covered({{{1e300, 1}, {1e300, 2}, {std::nan(""), 3}}}, 10, 6), 0);
  EXPECT_EQ(covered({}, 10, 6), 0);
}

TEST(Canvas, FillsOutlinesAndPastesWithinItsEdges) {
  draw::Canvas canvas(20, 10, {0, 0, 0});
  canvas.fill({{{2, 2}, {6, 2}, {6, 6}, {2, 6}}}, {200, 100, 50});
  EXPECT_EQ(canvas.at(3, 3).r, 200);
  EXPECT_EQ(canvas.at(7, 3).r, 0);
  canvas.outline({{-4, -4}, {30, -4}, {30, 8}, {-4, 8}}, {0, 255, 0}, 2);
  EXPECT_EQ(canvas.at(10, 8).g, 255);
  EXPECT_EQ(canvas.at(10, 4).g, 0);
  fair::raster::Image image{4, 4, 3, std::vector<std::uint8_t>(48, 9), {}};
  canvas.paste(image, -2, -2);
  canvas.paste(image, 18, 8);
  canvas.paste(image, 40, 40);
  EXPECT_EQ(canvas.at(0, 0).b, 9);
  EXPECT_EQ(canvas.at(19, 9).b, 9);
  EXPECT_EQ(canvas.at(2, 0).b, 0);
}

TEST(Glyphs, EveryLetterDiffersFromEveryOther) {
  const std::string letters = " %()+,-./0123456789:=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
  for (const char a : letters) {
    EXPECT_NE(draw::glyph(a), draw::glyph('\x01')) << a;
    for (const char b : letters) {
      if (a < b) {
        EXPECT_NE(draw::glyph(a), draw::glyph(b)) << a << b;
      }
    }
  }
}

}  // namespace
