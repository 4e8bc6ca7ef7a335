#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/plugin/built_in_plugin.h"

namespace fair::plugins {
namespace {

using test::instance, test::spec_of, test::view;

TEST(UnetSegmentation, BothItemsFindTheirPlugin) {
  ASSERT_EQ(built_in().front().items.size(), 2U);
  EXPECT_NE(instance(spec_of("unet-segmentation")), nullptr);
  EXPECT_NE(instance(spec_of("unet-segmentation-small")), nullptr);
}

TEST(UnetSegmentation, PixelsAreScaledAndLaidOutAsTheItemSays) {
  const std::vector<std::uint8_t> pixels{255, 0, 51, 0, 255, 102};  // two pixels, RGB
  const raster::ImageView image{pixels.data(), 2, 1, 3, 6, nullptr};
  std::vector<float> out(6);
  ASSERT_TRUE(instance(spec_of("unet-segmentation"))->preprocess({&image, 1}, view(out, {1, 3, 1, 2})));
  EXPECT_EQ(out, (std::vector<float>{1, 0, 0, 1, 0.2F, 0.4F}));
  const auto nhwc = spec_of("unet-segmentation", [](Json& p) {
    p["mlm:input"][0]["input"]["shape"] = {-1, 256, 256, 3};
    p["mlm:input"][0]["input"]["dim_order"] = {"batch", "height", "width", "bands"};
    p["mlm:input"][0]["value_scaling"] = Json::array({{{"type", "z-score"}, {"mean", 51}, {"stddev", 51}}});
  });
  ASSERT_TRUE(instance(nhwc)->preprocess({&image, 1}, view(out, {1, 1, 2, 3})));
  const std::vector<float> expected{4, -1, 0, -1, 4, 1};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(out[i], expected[i], 1e-6);
}

TEST(UnetSegmentation, LogitsBecomeProbabilities) {
  std::vector<float> logits{0, 2, -30, 0, 3, 50};  // (1, 2, 1, 3)
  const TensorView output = view(logits, {1, 2, 1, 3});
  const auto result = instance(spec_of("unet-segmentation"))->postprocess({&output, 1});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->shape, (std::vector<std::int64_t>{1, 2, 1, 3}));
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(result->data[3 + i], 1 / (1 + std::exp(logits[static_cast<std::size_t>(i)] - logits[static_cast<std::size_t>(3 + i)])), 1e-6);
    EXPECT_NEAR(result->data[i] + result->data[3 + i], 1, 1e-6);
  }
}

TEST(UnetSegmentation, OneSigmoidChannelAndThreeClassesWorkThroughTheItem) {
  std::vector<float> probability{0.25F, 0.75F};
  TensorView output = view(probability, {1, 1, 1, 2});
  auto result = instance(spec_of("unet-segmentation"))->postprocess({&output, 1});
  ASSERT_TRUE(result);
  EXPECT_EQ(std::vector<float>(result->data.begin(), result->data.end()), (std::vector<float>{0.75F, 0.25F, 0.25F, 0.75F}))
      << "values that are probabilities already are kept";
  const auto three = spec_of("unet-segmentation", [](Json& p) {
    p["mlm:output"][0]["classification:classes"].push_back({{"name", "road"}, {"value", 2}});
  });
  std::vector<float> logits{1, 2, 3};
  output = view(logits, {1, 3, 1, 1});
  result = instance(three)->postprocess({&output, 1});
  ASSERT_TRUE(result);
  const double sum = std::exp(-2.0) + std::exp(-1.0) + 1;
  EXPECT_NEAR(result->data[0], std::exp(-2.0) / sum, 1e-6);
  EXPECT_NEAR(result->data[2], 1 / sum, 1e-6);
}

TEST(UnetSegmentation, WhetherScoresAreProbabilitiesIsDecidedByTheItemOrEachWindow) {
  // The first window's logits could be probabilities, the second's could not; a window's answer must not depend on its neighbours.
  std::vector<float> both{0.25F, 0.75F, -3.0F, 4.0F};
  const TensorView output = view(both, {2, 1, 1, 2});
  const auto batch = instance(spec_of("unet-segmentation"))->postprocess({&output, 1});
  ASSERT_TRUE(batch);
  const TensorView second = view(both, {1, 1, 1, 2});
  const auto alone = instance(spec_of("unet-segmentation"))->postprocess({&second, 1});
  ASSERT_TRUE(alone);
  EXPECT_TRUE(std::equal(alone->data.begin(), alone->data.end(), batch->data.begin()));
  const auto logits = spec_of("unet-segmentation", [](Json& p) { p["mlm:output"][0]["fair:activation"] = "logits"; });
  const auto declared = instance(logits)->postprocess({&output, 1});
  ASSERT_TRUE(declared);
  EXPECT_NEAR(declared->data[2], 1 / (1 + std::exp(-0.25)), 1e-6);
}

TEST(UnetSegmentation, BordersAreAnExtraChannelOrASecondOutput) {
  std::vector<float> scores{0, 0, 2, -2, 0, 40};  // (1, 3, 1, 2): two classes, then borders
  TensorView output = view(scores, {1, 3, 1, 2});
  const auto three = spec_of("unet-segmentation", [](Json& p) { p["mlm:output"][0]["result"]["shape"][1] = 3; });
  const auto within = instance(three)->postprocess({&output, 1});
  ASSERT_TRUE(within) << within.error().message();
  EXPECT_EQ(within->extra_channels, 1);
  EXPECT_EQ(within->shape, (std::vector<std::int64_t>{1, 3, 1, 2}));
  EXPECT_NEAR(within->data[2] + within->data[0], 1, 1e-6);
  EXPECT_NEAR(within->data[2], 1 / (1 + std::exp(-2.0)), 1e-6);
  EXPECT_NEAR(within->data[4], 0.5, 1e-6);
  EXPECT_NEAR(within->data[5], 1, 1e-6);
  std::vector<float> classes(scores.begin(), scores.begin() + 4), borders(scores.begin() + 4, scores.end());
  const std::vector<TensorView> two{view(classes, {1, 2, 1, 2}), view(borders, {1, 1, 1, 2})};
  const auto beside = instance(spec_of("unet-segmentation"))->postprocess(two);
  ASSERT_TRUE(beside) << beside.error().message();
  EXPECT_EQ(beside->extra_channels, 1);
  EXPECT_TRUE(std::equal(beside->data.begin(), beside->data.end(), within->data.begin(), within->data.end()));
  EXPECT_FALSE(instance(spec_of("unet-segmentation"))->postprocess({&output, 1})) << "a third channel the item does not declare";
}

TEST(UnetSegmentation, WhatDoesNotFitIsASentence) {
  std::vector<float> logits(5);
  const TensorView output = view(logits, {1, 5, 1, 1});
  const auto result = instance(spec_of("unet-segmentation"))->postprocess({&output, 1});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("gives 5 channels, the item lists 2 classes"), std::string::npos);
  const auto unknown = spec_of("unet-segmentation", [](Json& p) { p["mlm:input"][0]["pre_processing_function"]["expression"] = "else:where"; });
  const auto registry = built_in_registry();
  const auto none = registry->create(unknown);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message().find("FAIR_PLUGIN_PATH"), std::string::npos);
}

}  // namespace
}  // namespace fair::plugins
