#include "native/schema/validator.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "native/io/atomic_file.h"
#include "tests/unit/stac/items.h"

namespace fair::schema {
namespace {

namespace fs = std::filesystem;
constexpr const char* item_schema = "schema:https://schemas.stacspec.org/v1.1.0/item-spec/json-schema/item.json";
constexpr const char* base_schema = "schema:https://hotosm.github.io/fAIr-models/schemas/v1.0.0/base-model/schema.json";
constexpr const char* mlm_schema = "schema:https://stac-extensions.github.io/mlm/v1.5.1/schema.json";

Options from(const fs::path& schemas) {
  Options options;
  options.schemas = schemas;
  options.download = false;
  return options;
}

std::string text(const stac::Findings& findings) {
  std::string all;
  for (const auto& finding : findings) all += finding.to_json().dump() + "\n";
  return all;
}

const stac::Finding* find(const stac::Findings& findings, const std::string& rule, const std::string& pointer) {
  const auto found = std::find_if(findings.begin(), findings.end(), [&](const auto& f) { return f.rule == rule && f.pointer == pointer; });
  return found == findings.end() ? nullptr : &*found;
}

class RealItems : public testing::Test {
 protected:
  void SetUp() override {
    const auto json = test::shared_json("stac/base-models/unet_segmentation.json");
    if (!json || !fs::is_directory(fs::path(FAIR_SHARED) / "schemas")) GTEST_SKIP() << "no shared material";
    unet = *json;
  }
  Json unet;
  Validator validator{from(fs::path(FAIR_SHARED) / "schemas")};
};

TEST_F(RealItems, AreValid) {
  for (const char* path :
       {"stac/base-models/unet_segmentation.json", "stac/base-models/resnet18_classification.json", "stac/base-models/yolo11n_detection.json",
        "data/banepa/buildings-banepa-segmentation/stac-item.json", "data/banepa/buildings-banepa-detection/stac-item.json"}) {
    const auto json = test::shared_json(path);
    ASSERT_TRUE(json);
    EXPECT_EQ(text(validator.validate(*json)), "") << path;
    EXPECT_TRUE(validator.is_valid(*json)) << path;
  }
}

TEST_F(RealItems, FaultsSayWhereWhatAndWhatToDo) {
  struct Case {
    std::function<void(Json&)> change;
    const char *rule, *pointer, *found, *hint;
  };
  const std::vector<Case> cases{
      {[](Json& p) { p.erase("mlm:architecture"); }, base_schema, "/properties", "no mlm:architecture", "add mlm:architecture"},
      {[](Json& p) { p["license"] = "MTI"; }, base_schema, "/properties/license", "MTI", "MIT"},
      {[](Json& p) { p["mlm:tasks"][0] = "segmentation"; }, base_schema, "/properties/mlm:tasks/0", "segmentation", "semantic-segmentation"},
      {[](Json& p) { p["mlm:hyperparameters"]["training.epochs"] = 0; }, base_schema, "/properties/mlm:hyperparameters/training.epochs", "0",
       "at least 1"},
      {[](Json& p) { p["mlm:hyperparameters"]["training.learning_rate"] = 0; }, base_schema, "/properties/mlm:hyperparameters/training.learning_rate",
       "0", "more than 0"},
      {[](Json& p) { p["fair:split_spec"]["default_ratio"] = "half"; }, base_schema, "/properties/fair:split_spec/default_ratio", "half", "number"},
      {[](Json& p) { p["mlm:input"][0]["input"].erase("dim_order"); }, mlm_schema, "/properties/mlm:input/0/input", "no dim_order", "add dim_order"},
      {[](Json& p) { p["mlm:spelling"] = 1; }, mlm_schema, "/properties/mlm:spelling", "1", "remove it"},
      {[](Json& p) { p["datetime"] = "yesterday"; }, item_schema, "/properties/datetime", "yesterday", "match"},
  };
  for (const Case& one : cases) {
    Json json = unet;
    one.change(json["properties"]);
    const auto findings = validator.validate(json);
    const stac::Finding* const finding = find(findings, one.rule, one.pointer);
    ASSERT_NE(finding, nullptr) << one.rule << " " << one.pointer << " among\n" << text(findings);
    EXPECT_NE(finding->found.find(one.found), std::string::npos) << finding->found;
    EXPECT_NE(finding->hint.find(one.hint), std::string::npos) << finding->hint;
    EXPECT_FALSE(validator.is_valid(json));
  }
}

TEST_F(RealItems, AllFaultsAtOnce) {
  Json json = unet;
  json["properties"].erase("title");
  json["properties"]["license"] = "none";
  json["assets"]["checkpoint"]["href"] = "s3://bucket/x.pth";
  json.erase("geometry");
  const auto findings = validator.validate(json);
  EXPECT_NE(find(findings, base_schema, "/properties"), nullptr) << text(findings);
  EXPECT_NE(find(findings, base_schema, "/properties/license"), nullptr) << text(findings);
  EXPECT_NE(find(findings, base_schema, "/assets/checkpoint/href"), nullptr) << text(findings);
  EXPECT_FALSE(stac::acceptable(findings));
}

TEST_F(RealItems, HostileDocumentsGiveFindings) {
  Json json = unet;
  json["properties"]["mlm:framework"] = std::string(5U << 20U, 'a');
  EXPECT_NE(find(validator.validate(json), "schema.text-length", "/properties/mlm:framework"), nullptr);
  json["properties"]["mlm:framework"] = std::string(16U << 10U, 'a');
  json["properties"]["mlm:name"] = std::string(16U << 10U, 'a');
  json["properties"]["mlm:framework_version"] = std::string(16U << 10U, '1');
  EXPECT_FALSE(validator.validate(json).empty());
  Json wide = unet;
  for (int i = 0; i < 5000; ++i) wide["properties"]["keywords"].push_back(i);
  EXPECT_FALSE(validator.is_valid(wide));
  Json deep = unet;
  Json* at = &deep["properties"]["x:deep"];
  for (int i = 0; i < 100; ++i) at = &(*at)["a"];
  EXPECT_TRUE(validator.is_valid(deep));
}

TEST_F(RealItems, CataloguesAndCollections) {
  const Json catalog = parse_json(R"({"type": "Catalog", "id": "a", "stac_version": "1.1.0", "description": "d", "links": []})", "c").value();
  EXPECT_EQ(text(validator.validate(catalog)), "");
  Json broken = catalog;
  broken.erase("description");
  EXPECT_FALSE(stac::acceptable(validator.validate(broken)));
  const Json collection =
      parse_json(R"({"type": "Collection", "id": "a", "stac_version": "1.1.0", "description": "d", "license": "other", "links": [],
    "extent": {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [["2024-01-01T00:00:00Z", null]]}}})",
                 "c")
          .value();
  EXPECT_EQ(text(validator.validate(collection)), "");
  broken = collection;
  broken["extent"]["spatial"]["bbox"] = 3;
  EXPECT_FALSE(stac::acceptable(validator.validate(broken)));
}

TEST(Validator, WhatIsNoStacDocument) {
  Validator validator(from("/nowhere"));
  for (const char* strange : {"null", "[]", "{}", R"({"type": "FeatureCollection"})", R"({"type": "Feature"})",
                              R"({"type": "Feature", "stac_version": "../../1"})", R"({"type": "Feature", "stac_version": 1.1})"}) {
    EXPECT_FALSE(stac::acceptable(validator.validate(parse_json(strange, "s").value()))) << strange;
  }
}

TEST(Validator, MissingSchemasAreWarningsAndTheRestIsChecked) {
  const fs::path folder = fs::path(testing::TempDir()) / ("schemas-" + std::to_string(getpid()));
  fs::create_directories(folder / "example.org");
  ASSERT_TRUE(io::write_whole(folder / "example.org" / "a.json",
                              R"({"$schema": "http://json-schema.org/draft-07/schema#", "$id": "https://example.org/a.json", "required": ["x"]})"));
  ASSERT_TRUE(io::write_whole(folder / "example.org" / "broken.json", "{"));
  ASSERT_TRUE(io::write_whole(folder / "example.org" / "dangling.json",
                              R"({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "https://example.org/none.json"})"));
  Validator validator(from(folder));
  const Json json =
      parse_json(
          R"({"type": "Feature", "stac_version": "1.1.0", "stac_extensions": ["https://example.org/a.json", "https://example.org/broken.json", "https://example.org/dangling.json", "ftp://example.org/b.json", "file:///etc/passwd"]})",
          "j")
          .value();
  const auto findings = validator.validate(json);
  EXPECT_EQ(findings.size(), 6U) << text(findings);
  EXPECT_EQ(std::count_if(findings.begin(), findings.end(), [](const auto& f) { return f.severity == stac::Severity::warning; }), 5)
      << text(findings);
  EXPECT_NE(find(findings, "schema:https://example.org/a.json", ""), nullptr);
  EXPECT_FALSE(validator.is_valid(json));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace fair::schema
