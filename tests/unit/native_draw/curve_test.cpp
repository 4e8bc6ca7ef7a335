#include <gtest/gtest.h>

#include <string>

#include "native/draw/training_curve.h"

namespace {

using namespace fair;

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

TEST(TrainingCurve, DrawsThreeCurvesWithNumbersOnTheirAxes) {
  const Json history{{"epochs", 3},
                     {"train_loss", {0.7, 0.4, 0.2}},
                     {"val_loss", {0.6, 0.5, 0.4}},
                     {"metrics", {{{"fair:mean_iou", 0.3}}, {{"fair:mean_iou", 0.6}}, {{"fair:mean_iou", 0.9}}}}};
  const std::string svg = draw::training_curve("town <1> & more", history);
  EXPECT_EQ(count(svg, "<polyline"), 3U);
  EXPECT_EQ(count(svg, "<circle"), 9U);
  EXPECT_NE(svg.find("town &lt;1> &amp; more"), std::string::npos);
  EXPECT_NE(svg.find(">0.2<"), std::string::npos);
  EXPECT_NE(svg.find(">epoch<"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(TrainingCurve, LeavesOutWhatIsNotThere) {
  EXPECT_EQ(count(draw::training_curve("", Json::object()), "<polyline"), 0U);
  EXPECT_EQ(count(draw::training_curve("", Json{{"train_loss", "many"}}), "<polyline"), 0U);
  const std::string gaps = draw::training_curve("", Json{{"train_loss", {1.0, nullptr, 0.5}}, {"metrics", {nullptr, Json::object()}}});
  EXPECT_EQ(count(gaps, "<polyline"), 1U);
  EXPECT_EQ(count(gaps, "<circle"), 2U);
  EXPECT_EQ(gaps.find("nan"), std::string::npos);
  EXPECT_EQ(count(draw::training_curve("", Json{{"train_loss", {0.5}}}), "<circle"), 1U) << "one epoch is a dot in the middle";
}

}  // namespace
