#include "core/stac/compatibility.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/stac/items.h"

namespace fair::stac {
namespace {

using Verdict = Reason::Verdict;

Compatibility judged(const Json& model, const Json& dataset) { return compatible(test::item(model), test::item(dataset)); }

bool says(const Compatibility& result, const std::string& rule, Verdict verdict) {
  return std::any_of(result.reasons.begin(), result.reasons.end(), [&](const Reason& r) {
    return r.rule == rule && r.verdict == verdict && !r.text.empty() && (verdict == Verdict::holds || !r.hint.empty());
  });
}

TEST(Compatibility, FitsAndSaysWhy) {
  const Compatibility result = judged(test::base_model_json(), test::dataset_json());
  EXPECT_TRUE(result.compatible()) << result.to_json().dump(1);
  for (const char* rule : {"shared-feature", "tasks", "geometry", "classes"}) EXPECT_TRUE(says(result, rule, Verdict::holds)) << rule;
  EXPECT_TRUE(result.require("m and d"));
}

TEST(Compatibility, DeployedPairs) {
  const char* const kinds[] = {"segmentation", "classification", "detection"};
  const char* const models[] = {"unet_segmentation", "resnet18_classification", "yolo11n_detection"};
  for (int i = 0; i < 3; ++i) {
    for (int k = 0; k < 3; ++k) {
      const auto model = test::shared_json(std::string("stac/base-models/") + models[i] + ".json");
      const auto dataset = test::shared_json(std::string("data/banepa/buildings-banepa-") + kinds[k] + "/stac-item.json");
      if (!model || !dataset) GTEST_SKIP() << "no shared material";
      EXPECT_EQ(judged(*model, *dataset).compatible(), i == k) << models[i] << " " << kinds[k] << judged(*model, *dataset).to_json().dump(1);
    }
  }
}

TEST(Compatibility, ATaskInCommonIsNoFeature) {
  Json dataset = test::dataset_json();
  dataset["properties"]["keywords"] = {"tree", "semantic-segmentation", "polygon"};
  const Compatibility result = judged(test::base_model_json(), dataset);
  EXPECT_FALSE(result.compatible());
  EXPECT_TRUE(says(result, "shared-feature", Verdict::fails));
}

TEST(Compatibility, EveryReasonIsGiven) {
  Json dataset = test::dataset_json();
  dataset["properties"]["keywords"] = {"tree", "point", "shrubbery"};
  dataset["properties"]["label:tasks"] = {"detection"};
  dataset["properties"]["label:classes"][0] = {{"name", "tree"}, {"classes", Json::array()}};
  const Compatibility result = judged(test::base_model_json(), dataset);
  for (const char* rule : {"vocabulary", "shared-feature", "tasks", "geometry", "classes"}) EXPECT_TRUE(says(result, rule, Verdict::fails)) << rule;
  const auto refused = result.require("unet and trees");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::incompatible);
  EXPECT_NE(refused.error().found.find("shrubbery"), std::string::npos);
  EXPECT_NE(refused.error().found.find("detection"), std::string::npos);
}

TEST(Compatibility, GeometryCountsOnlyWhereBothSayIt) {
  Json dataset = test::dataset_json();
  dataset["properties"]["keywords"] = {"building"};
  EXPECT_TRUE(judged(test::base_model_json(), dataset).compatible());
}

TEST(Compatibility, PluralsAndMasksOfNumbersAreTheSameClasses) {
  Json dataset = test::dataset_json();
  dataset["properties"]["label:classes"][0] = {{"name", "Buildings"}, {"classes", Json::array()}};
  EXPECT_TRUE(judged(test::base_model_json(), dataset).compatible());
  dataset["properties"]["label:classes"][0] = {{"name", nullptr}, {"classes", {0, 1}}};
  EXPECT_TRUE(judged(test::base_model_json(), dataset).compatible());
}

TEST(Compatibility, SomeClassesMissingAndDeprecationAreWarnings) {
  Json model = test::base_model_json();
  model["properties"]["mlm:output"][0]["classification:classes"].push_back({{"name", "road"}, {"value", 2}});
  model["properties"]["deprecated"] = true;
  const Compatibility result = judged(model, test::dataset_json());
  EXPECT_TRUE(result.compatible());
  EXPECT_TRUE(says(result, "classes", Verdict::warns));
  EXPECT_TRUE(says(result, "deprecated", Verdict::warns));
}

}  // namespace
}  // namespace fair::stac
