#include "core/metrics/confusion.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fair::metrics {
namespace {

TEST(Confusion, ScoresByHand) {
  const std::uint8_t truth[] = {0, 0, 0, 1, 1, 1, 1, 255};
  const std::uint8_t predicted[] = {0, 0, 1, 1, 1, 0, 1, 1};
  Confusion confusion(2);
  confusion.add(truth, predicted, 8);
  EXPECT_EQ(confusion.total(), 7) << "255 is ignored";
  EXPECT_DOUBLE_EQ(confusion.accuracy(), 5.0 / 7);
  EXPECT_DOUBLE_EQ(confusion.iou(1), 3.0 / 5);
  EXPECT_DOUBLE_EQ(confusion.iou(0), 2.0 / 4);
  EXPECT_DOUBLE_EQ(confusion.mean_iou(), 0.55);
  EXPECT_DOUBLE_EQ(confusion.precision(1), 3.0 / 4);
  EXPECT_DOUBLE_EQ(confusion.recall(1), 3.0 / 4);
  EXPECT_DOUBLE_EQ(confusion.f1(1), 3.0 / 4);
}

TEST(Confusion, AClassThatIsInNeitherHasNoIouAndIsLeftOutOfTheMean) {
  const std::uint8_t values[] = {0, 0, 2};
  Confusion confusion(3);
  confusion.add(values, values, 3);
  EXPECT_TRUE(std::isnan(confusion.iou(1)));
  EXPECT_DOUBLE_EQ(confusion.mean_iou(), 1.0);
  EXPECT_TRUE(confusion.to_json({"background", "road", "tree"})["fair:per_class_iou"]["road"].is_null());
}

TEST(Confusion, PartsAddUp) {
  const std::uint8_t truth[] = {0, 1, 1, 0};
  const std::uint8_t predicted[] = {0, 1, 0, 1};
  Confusion whole(2);
  whole.add(truth, predicted, 4);
  Confusion first(2);
  Confusion second(2);
  first.add(truth, predicted, 1);
  second.add(truth + 1, predicted + 1, 3);
  first.add(second);
  for (std::size_t t = 0; t < 2; ++t) {
    for (std::size_t p = 0; p < 2; ++p) EXPECT_EQ(first.count(t, p), whole.count(t, p));
  }
}

TEST(Confusion, NothingCountedIsZeroNotNan) {
  EXPECT_EQ(Confusion(2).accuracy(), 0.0);
  EXPECT_EQ(Confusion(2).mean_iou(), 0.0);
}

}  // namespace
}  // namespace fair::metrics
