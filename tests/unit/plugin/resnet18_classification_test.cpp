#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/plugin/conformance.h"
#include "tests/unit/plugin/built_in_plugin.h"

namespace fair::plugins {
namespace {

using test::instance, test::view;

stac::ModelSpec spec_of(const std::function<void(Json&)>& change = [](Json&) {}) { return test::spec_of("resnet18-classification", change); }

std::vector<float> labelled(const stac::ModelSpec& spec, std::vector<float> scores, const std::vector<std::int64_t>& shape) {
  const TensorView output = view(scores, shape);
  const auto result = instance(spec)->postprocess({&output, 1});
  EXPECT_TRUE(result) << result.error().message();
  if (!result) return {};
  EXPECT_EQ(result->kind, plugin::ResultKind::label);
  return {result->data.begin(), result->data.end()};
}

stac::ModelSpec three_classes(const char* activation = nullptr) {
  return spec_of([&](Json& p) {
    Json& output = p["mlm:output"][0];
    output["classification:classes"].push_back({{"name", "tower"}, {"value", 2}});
    output["result"]["shape"] = {-1, 3};
    if (activation != nullptr) output["fair:activation"] = activation;
    else output.erase("fair:activation");
  });
}

TEST(Resnet18Classification, ConformsWithItsItemAndWithAnExample) {
  const auto loaded = plugin::LoadedPlugin::take(test::built_in("resnet18_classification").entry, "built in");
  ASSERT_TRUE(loaded) << loaded.error().message();
  const auto example = plugin::example_spec(loaded->description());
  ASSERT_TRUE(example) << example.error().message();
  EXPECT_EQ(check_conformance(*loaded, *example).faults, std::vector<std::string>{});
  EXPECT_EQ(check_conformance(*loaded, spec_of()).faults, std::vector<std::string>{});
}

TEST(Resnet18Classification, OneLogitIsTheSecondClass) {
  const auto p = labelled(spec_of(), {0.0F, 2.0F, -30.0F}, {3, 1});
  ASSERT_EQ(p.size(), 6U);
  EXPECT_NEAR(p[1], 0.5, 1e-6);
  EXPECT_NEAR(p[3], 1 / (1 + std::exp(-2.0)), 1e-6);
  EXPECT_NEAR(p[2] + p[3], 1, 1e-6);
  EXPECT_NEAR(p[5], 0, 1e-6);
}

TEST(Resnet18Classification, ALogitBetweenZeroAndOneIsStillALogitUnlessTheItemSaysOtherwise) {
  const auto silent = spec_of([](Json& p) { p["mlm:output"][0].erase("fair:activation"); });
  EXPECT_NEAR(labelled(silent, {0.25F}, {1, 1})[1], 1 / (1 + std::exp(-0.25)), 1e-6);
  const auto said = spec_of([](Json& p) { p["mlm:output"][0]["fair:activation"] = "probabilities"; });
  EXPECT_EQ(labelled(said, {0.25F}, {1, 1})[1], 0.25F);
}

TEST(Resnet18Classification, SeveralClassesShareOne) {
  const auto p = labelled(three_classes("logits"), {1, 2, 3, 100, 0, 0}, {2, 3});
  const double sum = std::exp(-2.0) + std::exp(-1.0) + 1;
  EXPECT_NEAR(p[0], std::exp(-2.0) / sum, 1e-6);
  EXPECT_NEAR(p[2], 1 / sum, 1e-6);
  EXPECT_NEAR(p[3], 1, 1e-6);
  EXPECT_EQ(labelled(three_classes(), {0.25F, 0.5F, 0.25F}, {1, 3}), (std::vector<float>{0.25F, 0.5F, 0.25F})) << "sums to one: probabilities";
  EXPECT_EQ(labelled(spec_of(), {0, 0}, {1, 2, 1, 1}), (std::vector<float>{0.5F, 0.5F})) << "axes of one pixel are no classes";
}

TEST(Resnet18Classification, MeanAndDeviationAreUsedWhereTheItemGivesThem) {
  const std::vector<std::uint8_t> pixels{255, 0, 51};
  const raster::ImageView image{pixels.data(), 1, 1, 3, 3, nullptr};
  std::vector<float> out(3);
  ASSERT_TRUE(instance(spec_of())->preprocess({&image, 1}, view(out, {1, 3, 1, 1})));
  EXPECT_EQ(out, (std::vector<float>{1, 0, 0.2F})) << "nothing but /255 where the item is silent";
  const auto scaled = spec_of([](Json& p) {
    Json scaling = Json::array();
    for (const auto& [mean, deviation] : {std::pair{123.675, 58.395}, std::pair{116.28, 57.12}, std::pair{103.53, 57.375}})
      scaling.push_back({{"type", "z-score"}, {"mean", mean}, {"stddev", deviation}});
    p["mlm:input"][0]["value_scaling"] = scaling;
  });
  ASSERT_TRUE(instance(scaled)->preprocess({&image, 1}, view(out, {1, 3, 1, 1})));
  EXPECT_NEAR(out[0], (255 - 123.675) / 58.395, 1e-5);
  EXPECT_NEAR(out[1], -116.28 / 57.12, 1e-5);
  EXPECT_NEAR(out[2], (51 - 103.53) / 57.375, 1e-5);
}

TEST(Resnet18Classification, WhatDoesNotFitIsASentence) {
  std::vector<float> scores(4);
  const TensorView output = view(scores, {1, 4});
  const auto result = instance(spec_of())->postprocess({&output, 1});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("gives 4 values a window, the item lists 2 classes"), std::string::npos) << result.error().message();
}

}  // namespace
}  // namespace fair::plugins
