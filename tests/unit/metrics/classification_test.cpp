#include "core/metrics/classification.h"

#include <gtest/gtest.h>

namespace fair::metrics {
namespace {

Confusion confusion(std::size_t classes, const std::vector<std::uint8_t>& truth, const std::vector<std::uint8_t>& predicted) {
  Confusion out(classes);
  out.add(truth.data(), predicted.data(), truth.size());
  return out;
}

TEST(ClassificationScores, OfTwoClassesTheSecondIsMeant) {
  // Two found, one invented, two missed, three rightly left.
  const ClassificationScores scores(confusion(2, {1, 1, 0, 1, 1, 0, 0, 0}, {1, 1, 1, 0, 0, 0, 0, 0}));
  EXPECT_DOUBLE_EQ(scores.precision(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(scores.recall(), 0.5);
  EXPECT_DOUBLE_EQ(scores.f1(), 4.0 / 7);
  const Json json = scores.to_json({"no_building", "building"});
  EXPECT_DOUBLE_EQ(json["fair:accuracy"].get<double>(), 5.0 / 8);
  EXPECT_EQ(json["fair:confusion"], Json::parse("[[3,1],[2,2]]"));
  EXPECT_DOUBLE_EQ(json["fair:per_class_scores"]["no_building"]["recall"].get<double>(), 0.75);
}

TEST(ClassificationScores, NothingFoundIsZeroNotNothing) {
  const ClassificationScores scores(confusion(2, {1, 0}, {0, 0}));
  EXPECT_EQ(scores.precision(), 0);
  EXPECT_EQ(scores.recall(), 0);
  EXPECT_EQ(scores.f1(), 0);
}

TEST(ClassificationScores, OfMoreClassesTheMeanOverThoseThatOccur) {
  const ClassificationScores scores(confusion(4, {0, 0, 1, 2}, {0, 1, 1, 1}));
  EXPECT_NEAR(scores.recall(), (0.5 + 1 + 0) / 3, 1e-12);
  EXPECT_NEAR(scores.precision(), (1 + 1.0 / 3 + 0) / 3, 1e-12);
  EXPECT_NEAR(scores.f1(), (2.0 / 3 + 0.5 + 0) / 3, 1e-12);
}

}  // namespace
}  // namespace fair::metrics
