#include "core/vector/watershed.h"

#include <gtest/gtest.h>

namespace fair::vector {
namespace {

std::vector<std::int32_t> flooded(const std::vector<std::uint16_t>& heights, std::int32_t width, const WatershedOptions& options,
                                  PictureEnds ends = {}) {
  return watershed(heights, width, static_cast<std::int32_t>(heights.size()) / width, options, ends);
}

using Labels = std::vector<std::int32_t>;

TEST(Watershed, TwoPeaksArePartedAtThePass) {
  EXPECT_EQ(flooded({5, 9, 5, 2, 6, 8, 6}, 7, {3, 1, Connectivity::four}), (Labels{1, 1, 1, 2, 2, 2, 2}));  // the pass goes to its higher neighbour
}

TEST(Watershed, APeakThatHardlySticksOutIsPartOfTheHigherOne) {
  EXPECT_EQ(flooded({5, 9, 5, 2, 6, 8, 6}, 7, {7, 1, Connectivity::four}), (Labels{1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(flooded({5, 9, 5, 2, 6, 8, 6}, 7, {6, 1, Connectivity::four}), (Labels{1, 1, 1, 2, 2, 2, 2}));
}

TEST(Watershed, ASmallBasinIsNotTakenOff) {
  EXPECT_EQ(flooded({9, 9, 9, 1, 9}, 5, {3, 2, Connectivity::four}), (Labels{1, 1, 1, 1, 1}));
  EXPECT_EQ(flooded({9, 9, 9, 1, 9, 9}, 6, {3, 2, Connectivity::four}), (Labels{1, 1, 1, 1, 2, 2}));
}

TEST(Watershed, ABasinThatThePictureCutsIsSmallBelowAQuarter) {
  const WatershedOptions options{3, 8, Connectivity::four};
  const Labels one(11, 1);
  const std::vector<std::uint16_t> raised{8, 8, 1, 9, 9, 9, 9, 9, 9, 9, 9}, flooding{6, 5, 1, 9, 9, 9, 9, 9, 9, 9, 9};
  for (const auto& heights : {raised, flooding}) {
    EXPECT_EQ(flooded(heights, 11, options), one);
    EXPECT_EQ(flooded(heights, 11, options, {.right = true}), one);
    EXPECT_EQ(flooded(heights, 11, options, {.left = true}), (Labels{1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2})) << heights[0];
    EXPECT_EQ(flooded(heights, 1, options, {.top = true}), (Labels{1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2})) << heights[0];
  }
  EXPECT_EQ(flooded({9, 9, 9, 9, 9, 9, 9, 9, 9, 1, 9}, 11, options, {.right = true}), one);  // one pixel is below a quarter of eight too
  EXPECT_EQ(flooded({9, 9, 9, 9, 9, 9, 9, 9, 1, 9, 9}, 1, options, {.bottom = true}), (Labels{1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2}));
}

TEST(Watershed, CornersMeetOnlyWhereTheyCount) {
  const std::vector<std::uint16_t> diagonal{9, 0, 0, 8};
  EXPECT_EQ(flooded(diagonal, 2, {3, 1, Connectivity::four}), (Labels{1, 0, 0, 2}));
  EXPECT_EQ(flooded(diagonal, 2, {3, 1, Connectivity::eight}), (Labels{1, 0, 0, 1}));
}

TEST(Watershed, EqualHeightsAreOneBasin) { EXPECT_EQ(flooded({4, 4, 4, 4}, 2, {1, 1, Connectivity::four}), (Labels{1, 1, 1, 1})); }

}  // namespace
}  // namespace fair::vector
