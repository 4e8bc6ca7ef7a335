#include "core/metrics/instances.h"

#include <gtest/gtest.h>

namespace fair::metrics {
namespace {

TEST(InstanceMatches, CountsMatchedMissedAndInvented) {
  const std::int32_t truth[] = {1, 1, 1, 1, 0, 2, 2, 0, 0};
  const std::int32_t predicted[] = {7, 7, 7, 0, 0, 0, 8, 8, 8};
  InstanceMatches matches;
  matches.add(truth, predicted, 9);
  EXPECT_EQ(matches.matched(), 1);
  EXPECT_EQ(matches.missed(), 1);
  EXPECT_EQ(matches.invented(), 1);
  EXPECT_DOUBLE_EQ(matches.matched_iou(), 0.75);
  EXPECT_DOUBLE_EQ(matches.f1(), 0.5);
}

TEST(InstanceMatches, OnePredictionOverTwoBuildingsMatchesOneAtMost) {
  const std::int32_t truth[] = {1, 1, 1, 2, 2};
  const std::int32_t predicted[] = {5, 5, 5, 5, 5};
  InstanceMatches matches;
  matches.add(truth, predicted, 5);
  EXPECT_EQ(matches.matched(), 1);
  EXPECT_EQ(matches.missed(), 1);
  EXPECT_EQ(matches.invented(), 0);
}

TEST(InstanceMatches, TheBetterPairWins) {
  const std::int32_t truth[] = {1, 1, 1, 1, 1, 1};
  const std::int32_t predicted[] = {3, 3, 3, 3, 4, 4};
  InstanceMatches matches(0.3);
  matches.add(truth, predicted, 6);
  EXPECT_EQ(matches.matched(), 1);
  EXPECT_EQ(matches.invented(), 1);
  EXPECT_DOUBLE_EQ(matches.matched_iou(), 4.0 / 6);
}

TEST(InstanceMatches, IgnoredPixelsCountForNeither) {
  const std::int32_t truth[] = {1, 1, 0, 0};
  const std::int32_t predicted[] = {1, 1, 9, 9};
  const std::uint8_t ignore[] = {0, 0, 1, 1};
  InstanceMatches matches;
  matches.add(truth, predicted, 4, ignore);
  EXPECT_EQ(matches.matched(), 1);
  EXPECT_EQ(matches.invented(), 0);
}

TEST(InstanceMatches, NothingAtAllIsZero) { EXPECT_EQ(InstanceMatches().f1(), 0.0); }

}  // namespace
}  // namespace fair::metrics
