#include "core/pipeline/decide.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fair::pipeline {
namespace {

struct Pixel {
  std::uint8_t value;
  std::uint16_t score;
};

Pixel decide(const Decision& decision, std::vector<float> probabilities, std::uint8_t valid = 1) {
  std::vector<const float*> planes;
  for (const std::int32_t p : decision.planes()) planes.push_back(&probabilities[static_cast<std::size_t>(p)]);
  Pixel pixel{};
  decision.row(planes.data(), &valid, 1, &pixel.value, &pixel.score);
  return pixel;
}

const std::vector<stac::Class> two{{0, "background", ""}, {1, "building", ""}};
const std::vector<stac::Class> three{{0, "background", ""}, {1, "building", ""}, {2, "road", ""}};

TEST(Decision, TheThresholdIsOnTheForegroundNotOnTheLarger) {
  const auto strict = *Decision::create(two, 2, 1, 0.7);
  EXPECT_EQ(decide(strict, {0.4F, 0.6F}).value, 0);
  EXPECT_EQ(decide(strict, {0.25F, 0.75F}).value, 1);
  const auto lenient = *Decision::create(two, 2, 1, 0.3);
  EXPECT_EQ(decide(lenient, {0.65F, 0.35F}).value, 1);
  EXPECT_EQ(decide(lenient, {0.65F, 0.35F}).score, 22937);
}

TEST(Decision, ExactlyAtTheThresholdIsIn) { EXPECT_EQ(decide(*Decision::create(two, 2, 1, 0.5), {0.5F, 0.5F}).value, 1); }

TEST(Decision, OneChannelIsTheForegroundOfTwoClasses) {
  const auto one = *Decision::create(two, 1, 1, 0.5);
  EXPECT_EQ(decide(one, {0.9F}).value, 1);
  EXPECT_EQ(decide(one, {0.1F}).value, 0);
}

TEST(Decision, OfSeveralTheMostProbableWinsIfSureEnough) {
  const auto d = *Decision::create(three, 3, 1, 0.5);
  EXPECT_EQ(decide(d, {0.1F, 0.3F, 0.6F}).value, 2);
  EXPECT_EQ(decide(d, {0.2F, 0.35F, 0.45F}).value, 0);
  EXPECT_EQ(decide(d, {0.6F, 0.3F, 0.1F}).value, 0);
}

TEST(Decision, MinClassValueMakesLowerClassesBackground) {
  const auto d = *Decision::create(three, 3, 2, 0.5);
  EXPECT_EQ(decide(d, {0.1F, 0.8F, 0.1F}).value, 0);
  EXPECT_EQ(decide(d, {0.1F, 0.1F, 0.8F}).value, 2);
}

TEST(Decision, NoImageryAndNoNumberAreBackground) {
  const auto d = *Decision::create(two, 2, 1, 0.5);
  EXPECT_EQ(decide(d, {0.1F, 0.9F}, 0).value, 0);
  EXPECT_EQ(decide(d, {0.1F, std::nanf("")}).value, 0);
}

TEST(Decision, RefusesChannelsThatAreNoClasses) {
  const auto refused = Decision::create(three, 2, 1, 0.5);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("3 classes"), std::string::npos);
  EXPECT_FALSE(Decision::create({{0, "a", ""}, {300, "b", ""}}, 2, 1, 0.5));
  EXPECT_FALSE(Decision::create(two, 2, 1, -0.1));
}

}  // namespace
}  // namespace fair::pipeline
