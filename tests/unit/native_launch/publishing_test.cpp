#include "native/launch/publishing.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/catalog/resolve.h"
#include "native/launch/base_models.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::launch {
namespace {
namespace fs = std::filesystem;

constexpr const char* now = "2026-01-15T10:15:30Z";

stac::Item dataset() {
  return *stac::Item::from_json(Json::parse(R"({"type":"Feature","stac_version":"1.1.0","id":"town","bbox":[85.5,27.6,85.6,27.7],
    "stac_extensions":["https://stac-extensions.github.io/label/v1.0.1/schema.json","https://hotosm.github.io/fAIr-models/schemas/v1.0.0/dataset/schema.json"],
    "geometry":{"type":"Polygon","coordinates":[[[85.5,27.6],[85.6,27.6],[85.6,27.7],[85.5,27.7],[85.5,27.6]]]},
    "properties":{"datetime":"2026-01-15T10:15:30Z","title":"town","description":"A town.","label:type":"vector","label:tasks":["segmentation"],
      "label:classes":[{"name":"building","classes":["yes"]}],"label:properties":["building"],"label:description":"d","keywords":["building","polygon","semantic-segmentation"],
      "fair:user_id":"u","version":"1","deprecated":false,"license":"other","providers":[{"name":"u","roles":["producer"]}]},
    "assets":{"chips":{"href":"http://127.0.0.1:8765/artifacts/datasets/town/1/chips"},"labels":{"href":"http://127.0.0.1:8765/artifacts/datasets/town/1/l.geojson"}},"links":[]})"),
                                "town");
}

/// A workspace with the small base model, a dataset, and versions that training would have left.
class Publishing : public testing::Test {
 protected:
  void SetUp() override {
    auto made = store::Workspace::create(scratch_ / "w", {}, now);
    ASSERT_TRUE(made) << made.error().message();
    workspace_ = std::make_unique<store::Workspace>(std::move(*made));
    auto opened = runs::open_sqlite(workspace_->runs().string());
    ASSERT_TRUE(opened);
    runs_ = std::move(*opened);
    const auto base = place_base_model(*workspace_, "unet-segmentation-small");
    ASSERT_TRUE(base) << base.error().message();
    ASSERT_TRUE(catalog::register_base_model(workspace_->catalog(), *base, now));
    ASSERT_TRUE(catalog::register_dataset(workspace_->catalog(), dataset(), now));
  }
  int version() {
    const auto run = runs_->start("training", "town-buildings", Json::object());
    const fs::path folder = workspace_->artifacts() / "runs" / *run;
    fs::create_directories(folder);
    Json artifacts;
    for (const auto& [name, file] : {std::pair{"trained_model", "checkpoint.pt"}, std::pair{"onnx_model", "model.onnx"},
                                     std::pair{"training_metrics", "training-metrics.json"}}) {
      std::ofstream(folder / file) << "x";
      artifacts[name] = "runs/" + *run + "/" + file;
    }
    const Json metadata{{"base_model_id", "unet-segmentation-small"},
                        {"dataset_id", "town"},
                        {"hyperparameters", {{"training.epochs", 2}, {"training.batch_size", 4}, {"training.learning_rate", 0.001}}},
                        {"metrics", {{"fair:accuracy", 0.9}, {"fair:mean_iou", 0.8}, {"fair:per_class_iou", {{"building", 0.7}}}}},
                        {"split", {{"strategy", "spatial"}, {"ratio", 0.2}, {"seed", 42}}},
                        {"gsd", 0.3},
                        {"training_started_at", now},
                        {"training_ended_at", now},
                        {"training_duration_seconds", 12.5},
                        {"labeled_chip_count", 9}};
    return runs_->add_version("town-buildings", *run, metadata, artifacts)->number;
  }
  runs::Stage stage(int number) {
    for (const auto& v : *runs_->versions("town-buildings")) {
      if (v.number == number) return v.stage;
    }
    return runs::Stage::none;
  }

  test::Scratch scratch_;
  std::unique_ptr<store::Workspace> workspace_;
  std::unique_ptr<runs::RunStore> runs_;
};

TEST_F(Publishing, APromotedVersionIsAnItemWhoseHrefsAreFilesOfTheWorkspace) {
  const int one = version();
  const auto promoted = promote(*workspace_, *runs_, "town-buildings", one);
  ASSERT_TRUE(promoted) << promoted.error().message();
  EXPECT_EQ(promoted->item.id(), "town-buildings-v1");
  for (const char* asset : {"model", "checkpoint", "training-metrics"}) {
    const auto path = workspace_->path_of(promoted->item.asset_href(asset));
    ASSERT_TRUE(path) << asset;
    EXPECT_TRUE(fs::exists(*path)) << asset;
  }
  EXPECT_EQ(promoted->item.property("gsd"), 0.3);
  EXPECT_EQ(promoted->item.property("fair:mean_iou"), 0.8);
  EXPECT_FALSE(promoted->item.property("fair:hyperparameters_spec").is_null());
  EXPECT_EQ(stage(one), runs::Stage::production);
}

TEST_F(Publishing, ANewerVersionTakesOverAndAnOlderOneAgainIsARollback) {
  const int one = version(), two = version();
  ASSERT_TRUE(promote(*workspace_, *runs_, "town-buildings", one));
  const auto second = promote(*workspace_, *runs_, "town-buildings", two);
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_EQ(second->deprecated, "town-buildings-v1");
  EXPECT_EQ(stage(one), runs::Stage::archived);
  const auto again = promote(*workspace_, *runs_, "town-buildings", two);
  EXPECT_EQ(again->effect, catalog::Promotion::Effect::unchanged);
  const auto back = promote(*workspace_, *runs_, "town-buildings", one);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->effect, catalog::Promotion::Effect::rolled_back);
  EXPECT_EQ(catalog::find_model(workspace_->catalog(), "town-buildings")->item.id(), "town-buildings-v1");
  EXPECT_EQ(stage(one), runs::Stage::production);
  EXPECT_EQ(stage(two), runs::Stage::archived);
}

TEST_F(Publishing, ArchivedAndDeletedVersionsLeaveNothingHalf) {
  const int one = version(), two = version();
  ASSERT_TRUE(promote(*workspace_, *runs_, "town-buildings", one));
  ASSERT_TRUE(archive(*workspace_, *runs_, "town-buildings", one));
  EXPECT_TRUE(workspace_->catalog().item(catalog::local_models, "town-buildings-v1")->deprecated());
  ASSERT_TRUE(archive(*workspace_, *runs_, "town-buildings", two)) << "a version without an item can be archived too";
  const auto item = *workspace_->catalog().item(catalog::local_models, "town-buildings-v1");
  const auto model = *workspace_->path_of(item.asset_href("model"));
  ASSERT_TRUE(remove(*workspace_, *runs_, "town-buildings", one));
  EXPECT_FALSE(fs::exists(model));
  EXPECT_FALSE(workspace_->catalog().item(catalog::local_models, "town-buildings-v1"));
  const auto gone = remove_all(*workspace_, *runs_, "town-buildings");
  ASSERT_TRUE(gone) << gone.error().message();
  EXPECT_EQ(*gone, 1U);
  EXPECT_TRUE(runs_->versions("town-buildings")->empty());
}

TEST_F(Publishing, WhatIsMissingIsNamed) {
  const int one = version();
  EXPECT_NE(promote(*workspace_, *runs_, "town-buildings", 7).error().message().find("only 1"), std::string::npos);
  EXPECT_EQ(promote(*workspace_, *runs_, "nobody", 1).error().code, Code::not_found);
  const auto versions = *runs_->versions("town-buildings");
  fs::remove(workspace_->artifacts() / versions.at(0).artifacts["onnx_model"].get<std::string>());
  const auto refused = promote(*workspace_, *runs_, "town-buildings", one);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("onnx_model"), std::string::npos);
  EXPECT_TRUE(workspace_->catalog().items(catalog::local_models)->empty());
  EXPECT_EQ(stage(one), runs::Stage::none);
}

}  // namespace
}  // namespace fair::launch
