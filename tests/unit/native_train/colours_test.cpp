// Pixel values on their way to input values.
#include "native/train/colours.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace {

using namespace fair;
using train::Colours;

const train::Preparation prepared{{0.5, 0.25, 0.125}, {1, 2, 3}};
const train::Preparation as_they_are{{1}, {0}};

TEST(Colours, AreScaledAsTheItemSaysAndNothingElseWhereNothingIsAskedFor) {
  const Colours plain = Colours::plain(prepared);
  EXPECT_EQ(plain.tables[0][10], 6);
  EXPECT_EQ(plain.tables[2][80], 13);
  const Colours drawn = Colours::drawn(prepared, 100, {.color = 0}, onnx::CounterRandom(1, 2));
  EXPECT_EQ(drawn.tables, plain.tables);
  EXPECT_EQ(drawn.saturation, 1);
}

TEST(Colours, GammaBendsBetweenBlackAndWhite) {
  bool lighter = false, darker = false;
  for (std::uint64_t i = 0; i < 32; ++i) {
    const auto table = Colours::drawn(as_they_are, 100, {.color = 0, .gamma = 0.5}, onnx::CounterRandom(1, i)).tables[1];
    EXPECT_EQ(table.front(), 0);
    EXPECT_EQ(table.back(), 255);
    EXPECT_TRUE(std::is_sorted(table.begin(), table.end()));
    lighter = lighter || table[128] > 140, darker = darker || table[128] < 116;
  }
  EXPECT_TRUE(lighter && darker);
}

TEST(Colours, SaturationKeepsAPixelsMeanAndGrayLeavesNothingElse) {
  int gray = 0;
  for (std::uint64_t i = 0; i < 64; ++i) {
    const Colours colours = Colours::drawn(as_they_are, 100, {.color = 0, .saturation = 0.5, .gray = 0.5}, onnx::CounterRandom(1, i));
    std::array<float, 6> pixels{10, 20, 60, 90, 90, 90};
    colours.saturate(pixels.data(), 2);
    EXPECT_NEAR(pixels[0] + pixels[1] + pixels[2], 90, 1e-3);
    EXPECT_NEAR(pixels[2] - pixels[0], 50 * colours.saturation, 1e-3);
    EXPECT_NEAR(pixels[4], 90, 1e-3);
    EXPECT_TRUE(colours.saturation == 0 || (colours.saturation > 0.49F && colours.saturation < 1.51F));
    gray += colours.saturation == 0 ? 1 : 0;
  }
  EXPECT_GT(gray, 16);
  EXPECT_LT(gray, 48);
}

}  // namespace
