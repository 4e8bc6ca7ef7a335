// fair plugins pipeline, as a person types it. That ZenML runs what it makes is tests/peers/pipelines' business.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/integration/cli/command.h"

namespace fair {
namespace {

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(PluginsPipeline, OfABuiltInPluginHasAFolderAModel) {
  const test::Bench bench;
  const auto made = bench.fair({"plugins", "pipeline", "unet_segmentation", "yolo11n-detection", "--out", "models", "--json"});
  ASSERT_EQ(made.status, 0) << made.err;
  ASSERT_EQ(made.json().size(), 3U) << "two models of the plugin, and the one named";
  EXPECT_EQ(made.json()[0]["files"], Json({"README.md", "pipeline.py", "stac-item.json", "tests/test_steps.py"}));
  const std::string code = bench.read("models/yolo11n_detection/pipeline.py");
  EXPECT_TRUE(says(code, "TASK = \"detection\"\n"));
  EXPECT_TRUE(says(code, "REGISTERED_FROM = \"plugin:yolo11n-detection\"\n"));
  for (const char* file : {"pipeline.py", "README.md", "tests/test_steps.py"}) {
    EXPECT_FALSE(says(bench.read(std::string("models/yolo11n_detection/") + file), "@M")) << file << " has a word left to be replaced";
  }
}

TEST(PluginsPipeline, OfAFolderBringsItsFilesAndTheirAddresses) {
  const test::Bench bench;
  ASSERT_EQ(bench.fair({"plugins", "new", "my_roads", "--feature", "road", "--geometry", "line"}).status, 0);
  const auto made = bench.fair({"plugins", "pipeline", "my_roads", "--out", "models", "--asset-base", "https://example.org/roads/"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_TRUE(bench.exists("models/my_roads/model/model.onnx"));
  const Json item = Json::parse(bench.read("models/my_roads/stac-item.json"));
  EXPECT_EQ(item["assets"]["model"]["href"], "https://example.org/roads/model.onnx");
  EXPECT_TRUE(says(bench.read("models/my_roads/pipeline.py"), "FEATURE, GEOMETRY = \"road\", \"line\"\n"));
}

TEST(PluginsPipeline, RefusesWhatCannotBeAndLeavesNothingHalf) {
  const test::Bench bench;
  EXPECT_TRUE(says(bench.fair({"plugins", "pipeline", "nobody"}).err, "model nobody: expected a built-in base model"));
  ASSERT_EQ(bench.fair({"plugins", "new", "my_roads"}).status, 0);
  std::filesystem::remove(bench.folder / "my_roads/model/model.onnx");
  EXPECT_TRUE(says(bench.fair({"plugins", "pipeline", "my_roads", "--out", "models"}).err, "a file that the item names"));
  EXPECT_FALSE(bench.exists("models/my_roads"));
  ASSERT_EQ(bench.fair({"plugins", "pipeline", "resnet18-classification"}).status, 0);
  EXPECT_TRUE(says(bench.fair({"plugins", "pipeline", "resnet18-classification"}).err, "one that is there"));
}

}  // namespace
}  // namespace fair
