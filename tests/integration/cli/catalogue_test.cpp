// The verbs that need no imagery: usage, the workspace, the catalogue.
#include "tests/integration/cli/command.h"

namespace fair {
namespace {

using test::Bench;
using test::Outcome;

TEST(Usage, TellsHelpAndVersionAndRefusesTheRest) {
  const Bench bench;
  const Outcome help = bench.fair({"--help"});
  EXPECT_EQ(help.status, 0);
  for (const char* verb : {"init", "validate", "compat", "register", "list", "show", "finetune", "promote", "archive", "delete", "predict",
                           "evaluate", "dataset", "export", "serve", "runs"}) {
    EXPECT_NE(help.out.find(verb), std::string::npos) << verb;
    const Outcome of_verb = bench.fair({verb, "--help"});
    EXPECT_EQ(of_verb.status, 0) << verb;
    EXPECT_NE(of_verb.out.find("xample"), std::string::npos) << verb << " --help shows no example";
  }
  EXPECT_NE(bench.fair({"--version"}).out.find("onnxruntime"), std::string::npos);
  EXPECT_EQ(bench.fair({}).status, 2);
  EXPECT_EQ(bench.fair({"frobnicate"}).status, 2);
  EXPECT_EQ(bench.fair({"list", "nonsense"}).status, 2);
  EXPECT_EQ(bench.fair({"promote", "x", "0"}).status, 2);
}

TEST(Usage, CompletesInThreeShells) {
  const Bench bench;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Outcome outcome = bench.fair({"completion", shell});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_NE(outcome.out.find("finetune"), std::string::npos) << shell;
    EXPECT_NE(outcome.out.find("max-minutes"), std::string::npos) << shell;
  }
  bench.write("try.sh", bench.fair({"completion", "bash"}).out + "COMP_WORDS=(fair dataset m); COMP_CWORD=2; _fair; echo \"${COMPREPLY[@]}\"\n");
  ASSERT_EQ(std::system(("bash '" + (bench.folder / "try.sh").string() + "' >'" + (bench.folder / "tried.txt").string() + "'").c_str()), 0);
  EXPECT_EQ(bench.read("tried.txt"), "make\n");
}

TEST(Workspace, ErrorsAreSentencesAndWithJsonADocument) {
  const Bench bench;
  const Outcome outcome = bench.fair({"list", "--json"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("fair init"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.json()["error"]["code"], "not_found") << outcome.out;
}

TEST(Workspace, InitIsMadeOnceAndKept) {
  const Bench bench;
  ASSERT_EQ(bench.fair({"init", "--empty", "--asset-base", "https://example.org/a"}).status, 0);
  EXPECT_EQ(bench.fair({"--json", "init", "--empty"}).json()["asset_base"], "https://example.org/a");
  EXPECT_EQ(bench.fair({"init", "--asset-base", "ftp://x", "--workspace", "other"}).status, 1);
  EXPECT_EQ(bench.fair({"list"}).out, "nothing yet\n");
}

TEST(Catalogue, HoldsTheBuiltInModelsAndRegistersThemAgainAsNewVersions) {
  const Bench bench;
  ASSERT_EQ(bench.fair({"init", "--empty"}).status, 0);
  const Outcome first = bench.fair({"register", "plugin:unet-segmentation-small", "--json"});
  ASSERT_EQ(first.status, 0) << first.err;
  EXPECT_EQ(first.json()["registered"][0]["version"], "1");
  EXPECT_TRUE(bench.exists("w/artifacts/base-models/unet-segmentation-small/model.onnx"));
  EXPECT_TRUE(bench.exists("w/artifacts/base-models/unet-segmentation-small/checkpoint.pt"));
  EXPECT_EQ(bench.fair({"register", "plugin:unet-segmentation-small", "--json"}).json()["registered"][0]["version"], "2");
  const Json listed = bench.fair({"list", "--json"}).json();
  EXPECT_EQ(listed["base-models"].size(), 2U);
  const Outcome shown = bench.fair({"show", "unet-segmentation-small", "--json"});
  EXPECT_EQ(shown.json()["properties"]["version"], "2");
  EXPECT_EQ(shown.json()["assets"]["model"]["href"].get<std::string>().rfind("http://127.0.0.1", 0), 0U);
  EXPECT_EQ(bench.fair({"validate", "--offline", "w/catalog"}).status, 0) << bench.read("out.txt");

  const Outcome unknown = bench.fair({"register", "plugin:nothing"});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_NE(unknown.err.find("unet-segmentation"), std::string::npos);
  EXPECT_EQ(bench.fair({"promote", "nobody", "1"}).status, 1);
  EXPECT_EQ(bench.fair({"delete", "nobody"}).status, 1);
}

TEST(Catalogue, ExportsModelsThatDescribeThemselves) {
  const Bench bench;
  ASSERT_EQ(bench.fair({"init", "--empty"}).status, 0);
  ASSERT_EQ(bench.fair({"register", "plugin:unet-segmentation-small"}).status, 0);
  const Outcome whole = bench.fair({"export", "--model", "unet-segmentation-small", "--out", "whole.onnx", "--json"});
  ASSERT_EQ(whole.status, 0) << whole.err;
  const Outcome half = bench.fair({"export", "--model", "whole.onnx", "--weights", "f16", "--out", "half.onnx", "--json"});
  ASSERT_EQ(half.status, 0) << half.err;
  EXPECT_LT(half.json()["bytes"].get<double>(), 0.56 * whole.json()["bytes"].get<double>());
  const Outcome small = bench.fair({"export", "--model", "whole.onnx", "--weights", "int8", "--out", "small.onnx", "--json"});
  ASSERT_EQ(small.status, 0) << small.err;
  EXPECT_LT(small.json()["bytes"].get<double>(), 2e6);
  EXPECT_TRUE(small.json()["measured"].is_null());
  const Outcome nowhere =
      bench.fair({"export", "--model", "whole.onnx", "--weights", "int8", "--dataset", "nowhere", "--out", "unmeasured.onnx", "--json"});
  EXPECT_EQ(nowhere.status, 1);
  EXPECT_FALSE(bench.exists("unmeasured.onnx"));
  EXPECT_EQ(bench.fair({"export", "--model", "whole.onnx", "--dataset", "nowhere", "--out", "unmeasured.onnx"}).status, 2);
}

TEST(Catalogue, ExportsWeightsAlone) {
  const Bench bench;
  ASSERT_EQ(bench.fair({"init", "--empty"}).status, 0);
  ASSERT_EQ(bench.fair({"register", "plugin:unet-segmentation-small"}).status, 0);
  ASSERT_EQ(bench.fair({"export", "--model", "unet-segmentation-small", "--out", "whole.onnx"}).status, 0);
  for (const std::string weights : {"f32", "f16"}) {
    const std::string file = weights + ".safetensors", back = weights + ".onnx";
    const Outcome alone = bench.fair({"export", "--model", "whole.onnx", "--weights", weights, "--out", file, "--json"});
    ASSERT_EQ(alone.status, 0) << alone.err;
    EXPECT_LT(alone.json()["bytes"].get<double>(), weights == "f16" ? 2.6e6 : 5.1e6);
    const Outcome laid = bench.fair({"import", "weights", file, "--base", "whole.onnx", "--out", back, "--json"});
    ASSERT_EQ(laid.status, 0) << laid.err;
    EXPECT_TRUE(laid.json()["missing"].empty());
    EXPECT_TRUE(laid.json()["unexpected"].empty());
  }
  EXPECT_EQ(bench.read("f32.onnx"), bench.read("whole.onnx"));
  ASSERT_EQ(bench.fair({"export", "--model", "whole.onnx", "--weights", "f16", "--out", "half.onnx"}).status, 0);
  EXPECT_EQ(bench.fair({"export", "--model", "half.onnx", "--out", "small.safetensors"}).status, 1);
  EXPECT_EQ(bench.fair({"export", "--model", "whole.onnx", "--weights", "int8", "--out", "small.safetensors"}).status, 2);
  EXPECT_EQ(bench.fair({"export", "--model", "whole.onnx", "--weights", "f16", "--dataset", "nowhere", "--out", "small.safetensors"}).status, 2);
  EXPECT_FALSE(bench.exists("small.safetensors"));
}

TEST(Validate, TellsEveryFindingAndLeavesWithThree) {
  const Bench bench;
  bench.write("not.json", "{");
  bench.write(
      "item.json",
      R"({"type":"Feature","stac_version":"1.1.0","id":"x","properties":{},"stac_extensions":["https://hotosm.github.io/fAIr-models/schemas/v1.0.0/base-model/schema.json"]})");
  const Outcome outcome = bench.fair({"validate", "--offline", "--json", "not.json", "item.json"});
  EXPECT_EQ(outcome.status, 3);
  const Json json = outcome.json();
  ASSERT_EQ(json["documents"].size(), 2U) << outcome.out;
  EXPECT_GT(json["documents"][1]["findings"].size(), 5U);
  EXPECT_EQ(bench.fair({"validate", "nowhere.json"}).status, 1);
}

TEST(BadInput, AManifestOfSeveralModelsIsRefusedBeforeAnyIsRegistered) {
  const Bench bench;
  ASSERT_EQ(bench.fair({"init", "--empty"}).status, 0);
  const Outcome outcome = bench.fair({"register", "plugin:unet_segmentation", "--manifest", "service.yaml"});
  EXPECT_EQ(outcome.status, 2) << outcome.err;
  EXPECT_NE(outcome.err.find("one by one"), std::string::npos) << outcome.err;
  EXPECT_FALSE(bench.exists("service.yaml"));
  EXPECT_TRUE(bench.fair({"list", "base-models", "--json"}).json()["base-models"].empty());
}

TEST(BadInput, RegisterWritesNothing) {
  const Bench bench;
  ASSERT_EQ(bench.fair({"init", "--empty"}).status, 0);
  bench.write("deep.json", std::string(100000, '['));
  bench.write(
      "climbing.json",
      R"({"type":"Feature","stac_version":"1.1.0","id":"../x","properties":{},"assets":{},"links":[],"stac_extensions":["https://hotosm.github.io/fAIr-models/schemas/v1.0.0/base-model/schema.json"]})");
  EXPECT_EQ(bench.fair({"register", "deep.json"}).status, 1);
  EXPECT_EQ(bench.fair({"register", "climbing.json"}).status, 3);
  EXPECT_EQ(bench.fair({"list"}).out, "nothing yet\n");
  EXPECT_FALSE(bench.exists("w/artifacts/base-models"));
}

}  // namespace
}  // namespace fair
