#include "core/detect/nms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

using namespace fair::detect;

namespace {

bool same(const Box& a, const Box& b) {
  return a.x0 == b.x0 && a.y0 == b.y0 && a.x1 == b.x1 && a.y1 == b.y1 && a.confidence == b.confidence && a.label == b.label;
}

std::vector<Box> crowd(unsigned seed, int count) {
  std::mt19937 random(seed);
  std::vector<Box> boxes;
  for (int i = 0; i < count; ++i) {
    Box b;
    b.x0 = random() % 100;
    b.y0 = random() % 400;
    b.x1 = b.x0 + 5 + random() % 20;
    b.y1 = b.y0 + 5 + random() % 20;
    b.confidence = static_cast<float>(random() % 8) / 8.0F;
    b.label = static_cast<std::int32_t>(random() % 2);
    boxes.push_back(b);
  }
  return boxes;
}

}  // namespace

TEST(Iou, OfHalvesAndStrangers) {
  EXPECT_DOUBLE_EQ(iou({0, 0, 2, 2, 1, 0}, {1, 0, 3, 2, 1, 0}), 1.0 / 3);
  EXPECT_EQ(iou({0, 0, 2, 2, 1, 0}, {2, 0, 3, 2, 1, 0}), 0);
}

TEST(Suppress, KeepsTheSurestOfEachClass) {
  const auto kept = suppress({{0, 0, 10, 10, 0.5F, 0}, {1, 0, 11, 10, 0.9F, 0}, {0, 0, 10, 10, 0.4F, 1}}, 0.45);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_TRUE(std::any_of(kept.begin(), kept.end(), [](const Box& b) { return b.confidence == 0.9F; }));
  EXPECT_TRUE(std::any_of(kept.begin(), kept.end(), [](const Box& b) { return b.label == 1; }));
}

TEST(Suppress, APartOfAThingYieldsToTheWholeHoweverSure) {
  const Box whole{0, 0, 10, 10, 0.5F, 0}, part{0, 0, 10, 3, 0.9F, 0, true}, stranger{9, 0, 12, 10, 0.9F, 0, true};
  const auto kept = suppress({part, whole, stranger}, 0.45);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_TRUE(std::any_of(kept.begin(), kept.end(), [&](const Box& b) { return same(b, whole); }));
  EXPECT_TRUE(std::any_of(kept.begin(), kept.end(), [&](const Box& b) { return same(b, stranger); })) << "hardly covered: another thing";
}

TEST(Suppress, DoesNotDependOnTheOrderGiven) {
  std::vector<Box> boxes = crowd(1, 300);
  const auto kept = suppress(boxes, 0.3);
  std::mt19937 random(2);
  std::shuffle(boxes.begin(), boxes.end(), random);
  const auto again = suppress(boxes, 0.3);
  ASSERT_EQ(kept.size(), again.size());
  for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_TRUE(same(kept[i], again[i]));
}

TEST(StreamingSuppression, GivesWhatAllAtOnceGives) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::vector<Box> boxes = crowd(seed, 250);
    auto expected = suppress(boxes, 0.3);
    std::sort(boxes.begin(), boxes.end(), [](const Box& a, const Box& b) { return a.y0 < b.y0; });
    StreamingSuppression stream(0.3);
    std::vector<Box> got;
    double frontier = 0;
    for (const Box& b : boxes) {
      if (b.y0 >= frontier + 40) {
        frontier = b.y0;
        for (const Box& s : stream.settle(frontier)) got.push_back(s);
      }
      stream.add(b);
    }
    for (const Box& s : stream.finish()) got.push_back(s);
    const auto by_place = [](const Box& a, const Box& b) {
      return std::tie(a.y0, a.x0, a.y1, a.x1, a.label, a.confidence) < std::tie(b.y0, b.x0, b.y1, b.x1, b.label, b.confidence);
    };
    std::sort(got.begin(), got.end(), by_place);
    std::sort(expected.begin(), expected.end(), by_place);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) ASSERT_TRUE(same(got[i], expected[i])) << seed;
  }
}
