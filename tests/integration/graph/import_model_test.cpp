// fair import model: an ONNX graph from elsewhere becomes a base model that validates and trains.
#include "native/onnx/write.h"
#include "tests/integration/cli/command.h"
#include "tests/integration/graph/foreign_graph.h"

namespace fair {
namespace {

using test::Bench;
using test::foreign_graph;
using test::Outcome;

class ImportModel : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(bench.fair({"init", "--empty"}).status, 0); }
  void save(const std::string& name, const onnx::Model& model) const { ASSERT_TRUE(onnx::write_model(bench.folder / name, model)); }
  Bench bench;
};

TEST_F(ImportModel, MakesAnItemThatKeepsTheRules) {
  save("roofs.onnx", foreign_graph(0, 3));
  const Outcome outcome = bench.fair({"import", "model", "roofs.onnx", "--task", "semantic-segmentation", "--classes", "ground,roof,edge", "--scale",
                                      "imagenet", "--gsd", "0.3", "--license", "MIT", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["id"], "roofs");
  const Json item = Json::parse(bench.read("w/catalog/base-models/roofs/roofs.json"));
  const Json& properties = item["properties"];
  EXPECT_EQ(properties["license"], "MIT");
  EXPECT_EQ(properties["mlm:framework_version"], "1.0.0");  // three numbers, as MLM's schema wants them
  EXPECT_EQ(properties["gsd"], 0.3);
  EXPECT_EQ(properties["mlm:input"][0]["value_scaling"].size(), 3U);
  EXPECT_EQ(properties["mlm:output"][0]["classification:classes"][1]["name"], "roof");
  EXPECT_EQ(properties["mlm:output"][0]["fair:activation"], "logits");
  EXPECT_EQ(bench.fair({"validate", (bench.folder / "w/catalog/base-models/roofs/roofs.json").string()}).status, 0);
}

TEST_F(ImportModel, AClosingSigmoidMakesProbabilitiesOfTwoClasses) {
  save("m.onnx", foreign_graph(64, 1, "Sigmoid"));
  const Outcome outcome = bench.fair({"import", "model", "m.onnx", "--id", "one-channel", "--license", "MIT", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const Json item = Json::parse(bench.read("w/catalog/base-models/one-channel/one-channel.json"));
  EXPECT_EQ(item["properties"]["mlm:output"][0]["fair:activation"], "probabilities");
  EXPECT_EQ(item["properties"]["mlm:output"][0]["classification:classes"].size(), 2U);
}

TEST_F(ImportModel, RefusesWhatDoesNotFitAndWritesNothing) {
  save("roofs.onnx", foreign_graph(64, 3));
  const auto import = [&](std::vector<std::string> more) {
    std::vector<std::string> line{"import", "model", "roofs.onnx"};
    line.insert(line.end(), more.begin(), more.end());
    return bench.fair(line);
  };
  const Outcome no_licence = import({});
  EXPECT_EQ(no_licence.status, 2);
  EXPECT_NE(no_licence.err.find("--license"), std::string::npos) << no_licence.err;
  EXPECT_EQ(import({"--license", "MIT", "--classes", "a,b"}).status, 3);
  EXPECT_EQ(import({"--license", "MIT", "--task", "classification"}).status, 3);
  EXPECT_EQ(import({"--license", "MIT", "--task", "dreaming"}).status, 2);
  EXPECT_EQ(import({"--license", "MIT", "--scale", "by feel"}).status, 2);
  EXPECT_FALSE(bench.exists("w/catalog/base-models/roofs"));
}

}  // namespace
}  // namespace fair
