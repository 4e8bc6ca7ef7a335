#include "core/metrics/detections.h"

#include <gtest/gtest.h>

namespace fair::metrics {
namespace {

detect::Box box(double x0, double y0, double x1, double y1, float confidence = 1, std::int32_t label = 0) {
  return {x0, y0, x1, y1, confidence, label};
}

TEST(Detections, PerfectBoxesScoreOne) {
  Detections d(1);
  d.add({box(0, 0, 10, 10), box(20, 0, 30, 10)}, {box(0, 0, 10, 10, 0.9F), box(20, 0, 30, 10, 0.6F)});
  EXPECT_DOUBLE_EQ(d.map50(), 1);
  EXPECT_DOUBLE_EQ(d.map50_95(), 1);
  EXPECT_DOUBLE_EQ(d.best().f1, 1);
  EXPECT_FLOAT_EQ(static_cast<float>(d.best().confidence), 0.6F);
}

TEST(Detections, AveragePrecisionIsTheMeanOver101Recalls) {
  // Right, wrong, right of two: precision 1 up to recall 0.5 (51 of 101 recalls), 2/3 beyond.
  Detections d(1);
  d.add({box(0, 0, 10, 10), box(20, 0, 30, 10)}, {box(0, 0, 10, 10, 0.9F), box(50, 50, 60, 60, 0.8F), box(20, 0, 30, 10, 0.7F)});
  EXPECT_NEAR(d.map50(), (51 + 50 * 2.0 / 3) / 101, 1e-12);
  const auto best = d.best();
  EXPECT_NEAR(best.precision, 2.0 / 3, 1e-12);
  EXPECT_NEAR(best.recall, 1, 1e-12);
  EXPECT_NEAR(best.f1, 0.8, 1e-12);
}

TEST(Detections, ABoxCountsAtTheOverlapsItReaches) {
  // IoU 0.7: right at 0.50 … 0.70, five of the ten thresholds.
  Detections d(1);
  d.add({box(0, 0, 10, 10)}, {box(0, 0, 10, 7, 0.5F)});
  EXPECT_DOUBLE_EQ(d.map50(), 1);
  EXPECT_NEAR(d.map50_95(), 0.5, 1e-12);
}

TEST(Detections, ATrueBoxIsFoundOnceByTheSurest) {
  Detections d(1);
  d.add({box(0, 0, 10, 10)}, {box(0, 0, 10, 9, 0.5F), box(0, 0, 10, 10, 0.4F)});
  const auto best = d.best();
  EXPECT_DOUBLE_EQ(best.precision, 1);
  EXPECT_FLOAT_EQ(static_cast<float>(best.confidence), 0.5F);
  EXPECT_DOUBLE_EQ(d.map50(), 1) << "the second one comes after all recalls are reached";
}

TEST(Detections, ClassesCountEachAndThoseThatDoNotOccurNotAtAll) {
  Detections d(3);
  d.add({box(0, 0, 10, 10, 1, 0), box(20, 0, 30, 10, 1, 1)}, {box(0, 0, 10, 10, 0.9F, 0), box(20, 0, 30, 10, 0.9F, 0)});
  EXPECT_NEAR(d.map50(), 0.5, 1e-12);
  const Json json = d.to_json({"house", "hut", "shed"});
  EXPECT_EQ(json["fair:per_class_map50"]["house"], 1.0);
  EXPECT_EQ(json["fair:per_class_map50"]["hut"], 0.0);
  EXPECT_TRUE(json["fair:per_class_map50"]["shed"].is_null());
}

TEST(Detections, NothingAtAllIsZero) {
  const Detections d(1);
  EXPECT_EQ(d.map50(), 0);
  EXPECT_EQ(d.best().f1, 0);
  Detections blind(1);
  blind.add({box(0, 0, 1, 1)}, {});
  EXPECT_EQ(blind.map50(), 0);
}

TEST(Detections, ThePublishedItemsKeysAreFilledByTheirNames) {
  const Json spec = Json::parse(R"([{"key":"fair:accuracy","name":"mAP50"},{"key":"fair:mean_iou","name":"mAP50-95"},
                                   {"key":"fair:precision","name":"Precision"},{"key":"fair:else","name":"Else"}])");
  const Json filled = fill_by_name({{"fair:map50", 0.5}, {"fair:map50_95", 0.25}, {"fair:precision", 0.75}}, spec);
  EXPECT_EQ(filled["fair:accuracy"], 0.5);
  EXPECT_EQ(filled["fair:mean_iou"], 0.25);
  EXPECT_EQ(filled["fair:precision"], 0.75);
  EXPECT_FALSE(filled.contains("fair:else"));
}

}  // namespace
}  // namespace fair::metrics
