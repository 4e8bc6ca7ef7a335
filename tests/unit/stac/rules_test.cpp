#include "core/stac/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/unit/stac/items.h"

namespace fair::stac {
namespace {

using Change = std::function<void(Json&)>;

std::string text(const Findings& findings) {
  std::string all;
  for (const Finding& finding : findings) all += finding.to_json().dump() + "\n";
  return all;
}

bool has(const Findings& findings, const std::string& rule, const std::string& pointer) {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const Finding& f) { return f.rule == rule && f.pointer == pointer && !f.found.empty() && !f.hint.empty(); });
}

Findings judged(Json json, const Change& change, const RuleOptions& options = {}) {
  change(json);
  return validate_document(json, options);
}

Json local_model_json() {
  Json json = test::base_model_json();
  json["id"] = "unet-segmentation-finetuned-banepa-v1";
  json["stac_extensions"][0] = "https://hotosm.github.io/fAIr-models/schemas/v1.0.0/local-model/schema.json";
  Json& p = json["properties"];
  p["mlm:name"] = "unet-segmentation-finetuned-banepa";
  p["mlm:pretrained_source"] = "https://example.org/a.pth";
  p["deprecated"] = false;
  p["fair:user_id"] = "anonymous";
  p["fair:base_model_id"] = "unet-segmentation";
  p["fair:dataset_id"] = "buildings-banepa";
  p["fair:mean_iou"] = 0.7;
  return json;
}

TEST(Rules, RightItemsHaveNoFindings) {
  for (const Json& json : {test::base_model_json(), test::dataset_json(), local_model_json()}) EXPECT_EQ(text(validate_document(json)), "");
}

TEST(Rules, DeployedItemsAreAcceptable) {
  int seen = 0;
  for (const char* path : {"stac/base-models/unet_segmentation.json", "stac/base-models/resnet18_classification.json",
                           "stac/base-models/yolo11n_detection.json", "data/banepa/buildings-banepa-segmentation/stac-item.json",
                           "data/banepa/buildings-banepa-classification/stac-item.json", "data/banepa/buildings-banepa-detection/stac-item.json"}) {
    const auto json = test::shared_json(path);
    if (!json) continue;
    ++seen;
    const Findings findings = validate_document(*json);
    EXPECT_TRUE(acceptable(findings)) << path << "\n" << text(findings);
  }
  if (seen == 0) GTEST_SKIP() << "no shared material";
}

TEST(Rules, KindsAreTold) {
  EXPECT_EQ(kind_of(test::item(test::base_model_json())), Kind::base_model);
  EXPECT_EQ(kind_of(test::item(local_model_json())), Kind::local_model);
  EXPECT_EQ(kind_of(test::item(test::dataset_json())), Kind::dataset);
  Json undeclared = local_model_json();
  undeclared.erase("stac_extensions");
  EXPECT_EQ(kind_of(test::item(undeclared)), Kind::local_model);
}

TEST(Rules, EachFaultHasItsFinding) {
  struct Case {
    Change change;
    const char* rule;
    const char* pointer;
  };
  const auto property = [](const char* key, Json value) { return Change([=](Json& j) { j["properties"][key] = value; }); };
  const std::vector<Case> cases{
      {[](Json& j) { j["properties"].erase("fair:split_spec"); }, "fair.required", "/properties"},
      {property("keywords", {"building", "house"}), "fair.keywords-vocabulary", "/properties/keywords/1"},
      {property("keywords", {"polygon", "semantic-segmentation"}), "fair.keyword-feature", "/properties/keywords"},
      {property("mlm:tasks", {"semantic-segmentaton"}), "fair.tasks", "/properties/mlm:tasks/0"},
      {property("providers", Json::array()), "fair.required", "/properties/providers"},
      {[](Json& j) { j["id"] = "../etc"; }, "fair.safe-id", "/id"},
      {[](Json& j) { j["id"] = "a/b"; }, "fair.safe-id", "/id"},
      {[](Json& j) { j["assets"]["model"]["href"] = "artifacts/a.onnx"; }, "fair.href-http", "/assets/model/href"},
      {[](Json& j) { j["assets"]["checkpoint"]["href"] = "s3://bucket/a.pth"; }, "fair.href-http", "/assets/checkpoint/href"},
      {[](Json& j) { j["assets"]["readme"]["href"] = "../../../etc/passwd"; }, "fair.href-climbs", "/assets/readme/href"},
      {[](Json& j) { j["assets"]["model"]["href"] = "https://example.org/a/%2e%2e/%2E%2e/x.onnx"; }, "fair.href-climbs", "/assets/model/href"},
      {[](Json& j) { j["assets"]["readme"] = Json::object(); }, "fair.href", "/assets/readme"},
      {[](Json& j) {
         j["links"].push_back({{"rel", "self"}, {"href", "../../../secret.json"}});
       },
       "fair.href-climbs", "/links/0/href"},
      {[](Json& j) { j["assets"].erase("checkpoint"); }, "fair.assets", "/assets"},
      {[](Json& j) { j["assets"].erase("mlm:training"); }, "fair.assets", "/assets"},
      {[](Json& j) { j["properties"]["mlm:input"][0].erase("pre_processing_function"); }, "fair.processing", "/properties/mlm:input/0"},
      {[](Json& j) { j["properties"]["mlm:output"][0]["result"]["shape"][1] = 5; }, "fair.shape-classes", "/properties/mlm:output/0/result/shape"},
      {[](Json& j) {
         j["properties"]["mlm:output"][0]["result"]["shape"] = {-1, 2};
       },
       "fair.shape", "/properties/mlm:output/0/result/shape"},
      {[](Json& j) { j["properties"]["mlm:input"][0]["bands"] = {"red"}; }, "fair.shape-bands", "/properties/mlm:input/0/bands"},
      {[](Json& j) { j["properties"]["mlm:input"][0]["input"]["shape"] = {1}; }, "fair.runnable", "/properties/mlm:input/0/input/shape"},
      {[](Json& j) { j["properties"]["mlm:output"][0]["classification:classes"][1]["value"] = 0; }, "fair.class-values-unique",
       "/properties/mlm:output/0/classification:classes/1/value"},
      {[](Json& j) { j["properties"]["mlm:output"][0]["classification:classes"][1]["name"] = "background"; }, "fair.class-names-unique",
       "/properties/mlm:output/0/classification:classes/1/name"},
      {[](Json& j) { j["properties"]["fair:metrics_spec"][0].erase("key"); }, "fair.metrics-spec", "/properties/fair:metrics_spec/0"},
      {[](Json& j) { j["properties"]["mlm:hyperparameters"]["training.momentum"] = 0.9; }, "fair.hyperparameters-described",
       "/properties/mlm:hyperparameters/training.momentum"},
      {[](Json& j) { j["properties"]["mlm:hyperparameters"]["training.epochs"] = 9999; }, "fair.hyperparameters-value",
       "/properties/mlm:hyperparameters/training.epochs"},
      {[](Json& j) { j["properties"]["mlm:hyperparameters"].erase("training.epochs"); }, "fair.hyperparameters-required",
       "/properties/mlm:hyperparameters"},
      {[](Json& j) { j["properties"]["fair:hyperparameters_spec"][0]["type"] = "integer"; }, "fair.hyperparameters-spec",
       "/properties/fair:hyperparameters_spec/0/type"},
      {[](Json& j) { j["properties"]["fair:hyperparameters_spec"][0]["default"] = 0; }, "fair.hyperparameters-spec",
       "/properties/fair:hyperparameters_spec/0/default"},
      {[](Json& j) { j["properties"]["fair:hyperparameters_spec"][3]["default"] = "Adan"; }, "fair.hyperparameters-spec",
       "/properties/fair:hyperparameters_spec/3/default"},
      {[](Json& j) { j["properties"]["fair:hyperparameters_spec"][0].erase("description"); }, "fair.hyperparameters-spec",
       "/properties/fair:hyperparameters_spec/0"},
  };
  for (const Case& one : cases) {
    const Findings findings = judged(test::base_model_json(), one.change);
    EXPECT_TRUE(has(findings, one.rule, one.pointer)) << one.rule << " at " << one.pointer << " among\n" << text(findings);
    EXPECT_FALSE(acceptable(findings)) << one.rule;
  }
}

TEST(Rules, AllFindingsAtOnce) {
  const Findings findings = judged(test::base_model_json(), [](Json& j) {
    j["properties"]["keywords"] = {"house"};
    j["id"] = "a/b";
    j["assets"]["model"]["href"] = "x";
    j["properties"].erase("title");
  });
  EXPECT_GE(findings.size(), 5U);
}

TEST(Rules, PromisedMetricsByKey) {
  const Findings findings = judged(local_model_json(), [](Json& j) {
    j["properties"].erase("fair:mean_iou");
    j["properties"]["Mean IoU"] = 0.7;
  });
  EXPECT_TRUE(has(findings, "fair.metrics", "/properties"));
}

TEST(Rules, DatasetsMayPointBesideThemselvesUntilPublished) {
  const Change climb = [](Json& j) { j["assets"]["chips"]["href"] = "../train/oam"; };
  EXPECT_TRUE(acceptable(judged(test::dataset_json(), climb)));
  RuleOptions published;
  published.published = true;
  EXPECT_TRUE(has(judged(test::dataset_json(), climb, published), "fair.href-climbs", "/assets/chips/href"));
  EXPECT_FALSE(acceptable(judged(test::dataset_json(), climb, published)));
}

TEST(Rules, AnotherVocabulary) {
  const Json json =
      parse_json(R"({"allowed_keywords": ["solar-panel"], "allowed_tasks": ["semantic-segmentation"], "allowed_geometry_types": ["polygon"],
                                   "task_label_mapping": {"semantic-segmentation": "segmentation"}})",
                 "keywords.json")
          .value();
  const Vocabulary vocabulary = Vocabulary::from_json(json, "keywords.json").value();
  RuleOptions options;
  options.vocabulary = &vocabulary;
  EXPECT_FALSE(acceptable(judged(
      test::base_model_json(), [](Json&) {}, options)));
  EXPECT_TRUE(acceptable(judged(
      test::base_model_json(),
      [](Json& j) {
        j["properties"]["keywords"] = {"solar-panel", "polygon"};
      },
      options)));
  EXPECT_EQ(Vocabulary::from_json(Json::object(), "k").error().thing, "k#/allowed_keywords");
}

TEST(Rules, NoDocumentIsTooStrange) {
  for (
      const char* strange :
      {"null", "3", "[]", "{}", R"({"type": "Feature"})", R"({"type": "Feature", "id": "a"})", R"({"type": 1, "id": {}})", R"({"type": "Catalog"})",
       R"({"type": "Feature", "id": "a", "properties": {"mlm:name": [], "mlm:input": {"a": 1}, "mlm:output": [null, 3], "keywords": {"a": {}}, "mlm:tasks": "x", "fair:metrics_spec": [1],
                                  "fair:hyperparameters_spec": [null, {"key": 3}, {"key": "a", "type": "int", "min": "x", "values": 3, "default": []}], "mlm:hyperparameters": {"": null}, "providers": 3},
                                  "assets": {"": null, "model": [], "checkpoint": {"href": {}}}, "links": [null, 3, {"href": 5}]})"}) {
    EXPECT_FALSE(acceptable(validate_document(parse_json(strange, "s").value()))) << strange;
  }
}

TEST(Rules, HrefsThatClimbOut) {
  for (const char* out : {"..", "../a", "a/../../b", "./../x", "a\\..\\..\\b", "%2e%2e/x", "%252e%252e/x", "https://example.org/../x",
                          "file:///../etc/passwd", "https://example.org/a/../../b?x=1"})
    EXPECT_TRUE(climbs_out(out)) << out;
  for (const char* in :
       {"a", "./a/b", "a/../b", "https://example.org/a/../b", "..a/b", "a/..b", "https://example.org/x?path=../y", "s3://bucket/key"})
    EXPECT_FALSE(climbs_out(in)) << in;
}

TEST(Rules, SafeIds) {
  for (const char* safe : {"a", "unet-segmentation-v2", "a.b_c", "Ωmega", "a b"}) EXPECT_TRUE(safe_id(safe)) << safe;
  for (const std::string& unsafe : {std::string(), std::string("."), std::string(".."), std::string(".a"), std::string("a."), std::string("a/b"),
                                    std::string("a\\b"), std::string("a:b"), std::string("a\nb"), std::string("a\0b", 3), std::string(201, 'a')}) {
    EXPECT_FALSE(safe_id(unsafe)) << unsafe;
  }
}

}  // namespace
}  // namespace fair::stac
