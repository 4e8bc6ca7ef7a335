// A workspace with the small base model, a dataset, and versions that training would have left.
#pragma once

#include <gtest/gtest.h>

#include <fstream>

#include "native/launch/base_models.h"
#include "native/launch/publishing.h"
#include "native/runs/run_store.h"
#include "native/versions/sqlite_versions.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::launch {
namespace fs = std::filesystem;

inline constexpr const char* now = "2026-01-15T10:15:30Z";

inline stac::Item dataset() {
  return *stac::Item::from_json(Json::parse(R"({"type":"Feature","stac_version":"1.1.0","id":"town","bbox":[85.5,27.6,85.6,27.7],
    "stac_extensions":["https://stac-extensions.github.io/label/v1.0.1/schema.json","https://hotosm.github.io/fAIr-models/schemas/v1.0.0/dataset/schema.json"],
    "geometry":{"type":"Polygon","coordinates":[[[85.5,27.6],[85.6,27.6],[85.6,27.7],[85.5,27.7],[85.5,27.6]]]},
    "properties":{"datetime":"2026-01-15T10:15:30Z","title":"town","description":"A town.","label:type":"vector","label:tasks":["segmentation"],
      "label:classes":[{"name":"building","classes":["yes"]}],"label:properties":["building"],"label:description":"d","keywords":["building","polygon","semantic-segmentation"],
      "fair:user_id":"u","version":"1","deprecated":false,"license":"other","providers":[{"name":"u","roles":["producer"]}]},
    "assets":{"chips":{"href":"http://127.0.0.1:8765/artifacts/datasets/town/1/chips"},"labels":{"href":"http://127.0.0.1:8765/artifacts/datasets/town/1/l.geojson"}},"links":[]})"),
                                "town");
}

class Publishing : public testing::Test {
 protected:
  void SetUp() override {
    auto made = store::Workspace::create(scratch_ / "w", {}, now);
    ASSERT_TRUE(made) << made.error().message();
    workspace_ = std::make_unique<store::Workspace>(std::move(*made));
    auto opened = runs::open_sqlite(workspace_->runs().string());
    ASSERT_TRUE(opened);
    runs_ = std::move(*opened);
    auto kept = versions::open_sqlite(workspace_->runs().string());
    ASSERT_TRUE(kept);
    versions_ = std::move(*kept);
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
    return versions_->add({"town-buildings", *run, metadata, artifacts})->number;
  }
  versions::Stage stage(int number) {
    const auto versions = versions_->versions("town-buildings");
    for (const auto& v : versions.value()) {
      if (v.number == number) return v.stage;
    }
    return versions::Stage::none;
  }

  test::Scratch scratch_;
  std::unique_ptr<store::Workspace> workspace_;
  std::unique_ptr<runs::RunStore> runs_;
  std::unique_ptr<versions::VersionStore> versions_;
};

}  // namespace fair::launch
