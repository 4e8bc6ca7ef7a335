// Documents that are wrong: each refused with a sentence that names the thing, what was found and what to do, and nothing written.
#include "core/catalog/lifecycle.h"
#include "native/store/workspace.h"
#include "tests/integration/cli/command.h"
#include "tests/unit/stac/items.h"

namespace fair {
namespace {

using test::Bench;
using test::Outcome;

constexpr const char* now = "2026-01-15T10:15:30Z";

class Documents : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(bench.fair({"init", "--empty"}).status, 0); }

  /// Registers a document and expects a refusal in which all of `words` are.
  void refused(const std::string& text, int status, std::initializer_list<const char*> words) {
    bench.write("item.json", text);
    const Outcome outcome = bench.fair({"register", "item.json"});
    EXPECT_EQ(outcome.status, status) << outcome.out << outcome.err;
    for (const char* word : words)
      EXPECT_NE((outcome.out + outcome.err).find(word), std::string::npos) << word << " in: " << outcome.out << outcome.err;
    EXPECT_EQ(bench.fair({"list"}).out, "nothing yet\n");
    EXPECT_TRUE(std::filesystem::is_empty(bench.folder / "w/artifacts")) << "files were left";
  }

  Bench bench;
};

TEST_F(Documents, ThatAreNoJson) {
  refused("", 1, {"item.json"});
  refused("{\"type\": \"Feature\",", 1, {"item.json"});
  refused("[]", 1, {"item.json"});
  refused("{\"type\": \"Feature\", \"id\": \"\xff\xfe\"}", 1, {"item.json"});
}

TEST_F(Documents, ThatAreHugeOrDeep) {
  refused(std::string(200000, '['), 1, {"item.json", "deep"});
  Json deep = test::base_model_json();
  Json nest = Json::array();
  for (int i = 0; i < 300; ++i) nest = Json::array({std::move(nest)});
  deep["properties"]["nest"] = std::move(nest);
  refused(deep.dump(), 1, {"item.json", "deep"});
  refused("{\"type\":\"Feature\",\"id\":\"x\",\"text\":\"" + std::string(80U << 20U, 'x') + "\"}", 1, {"item.json", "bytes"});
}

TEST_F(Documents, ThatLackFields) {
  for (const char* field : {"mlm:name", "mlm:tasks", "fair:hyperparameters_spec", "keywords", "mlm:output"}) {
    Json item = test::base_model_json();
    item["properties"].erase(field);
    refused(item.dump(), 3, {"invalid, nothing was registered", field, "do:"});
  }
}

TEST_F(Documents, WhoseHrefsClimbOrLeadNowhere) {
  for (const char* href : {"../secret.onnx", "/etc/passwd", "a/../../secret.onnx", "..\\secret.onnx", "%2e%2e/secret.onnx", "nothing.onnx", ""}) {
    Json item = test::base_model_json();
    item["assets"]["model"]["href"] = href;
    bench.write("item.json", item.dump());
    const Outcome outcome = bench.fair({"register", "item.json"});
    EXPECT_NE(outcome.status, 0) << href;
    EXPECT_NE((outcome.out + outcome.err).find("assets/model"), std::string::npos) << outcome.out << outcome.err;
    EXPECT_TRUE(std::filesystem::is_empty(bench.folder / "w/artifacts")) << href;
  }
  for (const char* id : {"../x", ".hidden", "a/b", "", "x\ny"}) {
    Json item = test::base_model_json();
    item["id"] = id;
    bench.write("item.json", item.dump());
    EXPECT_NE(bench.fair({"register", "item.json"}).status, 0) << id;
  }
  EXPECT_EQ(bench.fair({"list"}).out, "nothing yet\n");
}

TEST_F(Documents, OfAModelBringItsFilesAlongAndOlderVersionsKeepTheirs) {
  Json item = test::base_model_json();
  item["assets"]["model"]["href"] = "./files/a.onnx";
  bench.write("item.json", item.dump());
  for (const char* text : {"first", "second"}) {
    bench.write("files/a.onnx", text);
    const Outcome outcome = bench.fair({"register", "item.json"});
    ASSERT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  }
  EXPECT_EQ(bench.read("w/artifacts/base-models/unet-segmentation/1/a.onnx"), "first");
  EXPECT_EQ(bench.read("w/artifacts/base-models/unet-segmentation/2/a.onnx"), "second");
  const Json former = bench.fair({"show", "unet-segmentation-v1", "--json"}).json();
  EXPECT_EQ(former["assets"]["model"]["href"], "http://127.0.0.1:8765/artifacts/base-models/unet-segmentation/1/a.onnx");
}

TEST_F(Documents, ThatDoNotFitEachOtherAreToldWhy) {
  ASSERT_EQ(bench.fair({"register", "plugin:unet-segmentation-small"}).status, 0);
  Json trees = test::dataset_json();
  trees["id"] = trees["properties"]["title"] = "trees";
  trees["properties"]["keywords"] = {"tree", "semantic-segmentation", "polygon"};
  trees["properties"]["label:classes"][0]["classes"] = Json::array({"tree"});
  bench.write("trees.json", trees.dump());
  const Outcome verdict = bench.fair({"compat", "unet-segmentation-small", "trees.json"});
  EXPECT_EQ(verdict.status, 3);
  EXPECT_NE(verdict.out.find("does not fit"), std::string::npos) << verdict.out;
  EXPECT_NE(verdict.out.find("tree"), std::string::npos) << verdict.out;

  auto workspace = store::Workspace::open(bench.folder / "w");
  ASSERT_TRUE(workspace);
  ASSERT_TRUE(catalog::register_dataset(workspace->catalog(), test::item(trees), now));
  const Outcome trained = bench.fair({"finetune", "--base", "unet-segmentation-small", "--dataset", "trees", "--name", "xyz"});
  EXPECT_EQ(trained.status, 3) << trained.err;
  EXPECT_NE(trained.err.find("tree"), std::string::npos) << trained.err;
  EXPECT_EQ(bench.fair({"runs", "list", "--json"}).json()["runs"].size(), 0U) << bench.read("out.txt");
}

TEST_F(Documents, HyperparametersOutOfRangeAreToldWithTheirRange) {
  ASSERT_EQ(bench.fair({"register", "plugin:unet-segmentation-small"}).status, 0);
  auto workspace = store::Workspace::open(bench.folder / "w");
  ASSERT_TRUE(workspace);
  ASSERT_TRUE(catalog::register_dataset(workspace->catalog(), test::item(test::dataset_json()), now));
  const auto finetune = [&](const std::string& set) {
    return bench.fair({"finetune", "--base", "unet-segmentation-small", "--dataset", "buildings-banepa", "--name", "xyz", "--set", set});
  };
  for (const auto& [set, words] :
       {std::pair{"epochs=0", "from 1 to"}, std::pair{"epochs=1.5", "whole number"}, std::pair{"learning_rate=nan", "learning_rate"},
        std::pair{"optimizer=lion", "AdamW"}, std::pair{"epoch=3", "did you mean epochs?"}, std::pair{"epochs", "key=value"}}) {
    const Outcome outcome = finetune(set);
    EXPECT_EQ(outcome.status, 2) << set << outcome.err;
    EXPECT_NE(outcome.err.find(words), std::string::npos) << set << ": " << outcome.err;
  }
  for (const char* name : {"tb", "2nd", "../x", "ends-", "caf\u00e9"}) {
    const Outcome outcome = bench.fair({"finetune", "--base", "unet-segmentation-small", "--dataset", "buildings-banepa", "--name", name});
    EXPECT_EQ(outcome.status, 2) << outcome.err;
    EXPECT_NE(outcome.err.find("--name"), std::string::npos) << outcome.err;
  }
  EXPECT_FALSE(bench.exists("w/artifacts/runs"));
}

}  // namespace
}  // namespace fair
