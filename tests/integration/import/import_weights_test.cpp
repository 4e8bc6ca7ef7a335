// fair import weights as a person would: a base model's next version, a file, and everything that does not fit.
#include "native/onnx/read.h"
#include "native/onnx/state_dict.h"
#include "tests/integration/cli/command.h"

namespace fair {
namespace {

namespace fs = std::filesystem;
using test::Bench;
using test::Outcome;

constexpr const char* base = "unet-segmentation-small";

/// A workspace with the base models, and the small one's weights, changed, as w.pt.
class Weights : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(bench.fair({"init", "--empty"}).status, 0);
    ASSERT_EQ(bench.fair({"register", std::string("plugin:") + base}).status, 0);
    auto model = onnx::read_model(bench.folder / "w/artifacts/base-models" / base / "model.onnx");
    ASSERT_TRUE(model) << model.error().message();
    graph = std::move(*model);
    for (onnx::Tensor& t : graph.graph.initializers) {
      for (std::int64_t i = 0; t.type == onnx::ElementType::f32 && onnx::names_state(t.name) && i < t.elements(); ++i)
        t.f32()[i] = static_cast<float>(i % 7) + 0.5F;
    }
    save("w.pt", onnx::state_of(graph));
  }
  void save(const std::string& name, const std::vector<onnx::StateEntry>& entries) const {
    ASSERT_TRUE(onnx::write_state_dict(bench.folder / name, entries));
  }

  Bench bench;
  onnx::Model graph;
};

TEST_F(Weights, BecomeTheBasesNextVersionAndTheOldOneIsKept) {
  const Outcome outcome = bench.fair({"import", "weights", "w.pt", "--base", base, "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["registered"]["id"], base);
  EXPECT_EQ(outcome.json()["registered"]["version"], "2");
  const Json item = Json::parse(bench.read(std::string("w/catalog/base-models/") + base + "/" + base + ".json"));
  EXPECT_EQ(item["properties"]["mlm:pretrained"], true);
  EXPECT_NE(item["properties"]["mlm:pretrained_source"].get<std::string>().find("w.pt sha256:"), std::string::npos);
  EXPECT_TRUE(bench.exists(std::string("w/catalog/base-models/") + base + "-v1/" + base + "-v1.json"));
  const auto placed = onnx::read_model(bench.folder / "w/artifacts/base-models" / base / "1/model.onnx");
  ASSERT_TRUE(placed) << placed.error().message();
  for (const onnx::StateEntry& entry : onnx::state_of(graph)) EXPECT_EQ(placed->graph.initializer(entry.name)->raw, entry.bytes) << entry.name;
  EXPECT_EQ(bench.read("w.pt"), bench.read(std::string("w/artifacts/base-models/") + base + "/1/checkpoint.pt"));
  const Outcome valid = bench.fair({"validate", (bench.folder / "w/catalog/base-models" / base / (std::string(base) + ".json")).string()});
  EXPECT_EQ(valid.status, 0) << valid.out << valid.err;
}

TEST_F(Weights, MayHaveANameAndALicenceOfTheirOwn) {
  const Outcome outcome = bench.fair({"import", "weights", "w.pt", "--base", base, "--register-as", "my-weights", "--license", "MIT", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const Json item = Json::parse(bench.read("w/catalog/base-models/my-weights/my-weights.json"));
  EXPECT_EQ(item["properties"]["mlm:name"], "my-weights");
  EXPECT_EQ(item["properties"]["license"], "MIT");
  EXPECT_FALSE(bench.exists(std::string("w/catalog/base-models/") + base + "-v1"));
  EXPECT_EQ(bench.fair({"import", "weights", "w.pt", "--base", base, "--register-as", "other-weights", "--license", "secret"}).status, 2);
  EXPECT_FALSE(bench.exists("w/artifacts/base-models/other-weights"));
  EXPECT_EQ(bench.fair({"import", "weights", "w.pt", "--base", base, "--register-as", "../evil"}).status, 2);
}

TEST_F(Weights, ThatDoNotFitAreListedAndNothingIsWritten) {
  auto entries = onnx::state_of(graph);
  const std::string lost = entries.front().name;
  entries.erase(entries.begin());
  const std::string head(2 * 7 * sizeof(float), '\x3f');
  for (onnx::StateEntry& e : entries) {
    if (e.name == "head.conv.weight") e.dims = {2, 7, 1, 1}, e.bytes = head;
  }
  entries.push_back({"fc.weight", {7, 2}, head});
  save("odd.pt", entries);
  const Outcome outcome = bench.fair({"import", "weights", "odd.pt", "--base", base, "--json"});
  EXPECT_EQ(outcome.status, 3) << outcome.err;
  EXPECT_EQ(outcome.json()["missing"], Json::array({lost}));
  EXPECT_EQ(outcome.json()["unexpected"], Json::array({"fc.weight"}));
  EXPECT_EQ(outcome.json()["misshaped"][0]["expected"], "float32 [2, 32, 1, 1]");
  EXPECT_EQ(outcome.json()["misshaped"][0]["found"], "float32 [2, 7, 1, 1]");
  EXPECT_TRUE(outcome.json()["registered"].is_null());
  const Outcome said = bench.fair({"import", "weights", "odd.pt", "--base", base, "--out", "m.onnx"});
  EXPECT_EQ(said.status, 3);
  EXPECT_NE(said.out.find("nothing was written"), std::string::npos) << said.out;
  EXPECT_FALSE(bench.exists("m.onnx"));
  EXPECT_FALSE(bench.exists(std::string("w/catalog/base-models/") + base + "-v1"));
  EXPECT_EQ(bench.fair({"import", "weights", "odd.pt", "--base", base, "--out", "m.onnx", "--partial"}).status, 0);
  const auto partial = onnx::read_model(bench.folder / "m.onnx");
  ASSERT_TRUE(partial) << partial.error().message();
  const auto before = onnx::read_model(bench.folder / "w/artifacts/base-models" / base / "model.onnx");
  EXPECT_EQ(partial->graph.initializer(lost)->raw, before->graph.initializer(lost)->raw);
  EXPECT_EQ(partial->graph.initializer("head.conv.bias")->raw, graph.graph.initializer("head.conv.bias")->raw);
}

TEST_F(Weights, OfNoUseAreRefusedWithASentence) {
  bench.write("page.pth", "<html>404</html>");
  const Outcome page = bench.fair({"import", "weights", "page.pth", "--base", base});
  EXPECT_EQ(page.status, 1);
  EXPECT_NE(page.err.find("web page"), std::string::npos) << page.err;
  EXPECT_EQ(bench.fair({"import", "weights", "gone.pth", "--base", base}).status, 1);
  EXPECT_EQ(bench.fair({"import", "weights", "w.pt", "--base", "nobody"}).status, 1);
  EXPECT_EQ(bench.fair({"import", "weights", "w.pt"}).status, 2);
  EXPECT_EQ(bench.fair({"import"}).status, 2);
  EXPECT_EQ(bench.fair({"import", "weights", "w.pt", "--base", base, "--out", "m.onnx", "--register-as", "both"}).status, 2);
  const Outcome key = bench.fair({"import", "weights", "w.pt", "--base", base, "--key", "ema"});
  EXPECT_EQ(key.status, 1);
  EXPECT_NE(key.err.find("the top"), std::string::npos) << key.err;
  save("none.pt", {{"something.else", {1}, std::string_view("\0\0\0\0", 4)}});
  EXPECT_EQ(bench.fair({"import", "weights", "none.pt", "--base", base, "--partial"}).status, 3);
}

TEST_F(Weights, GoOverABareFileWithoutAWorkspace) {
  fs::copy_file(bench.folder / "w/artifacts/base-models" / base / "model.onnx", bench.folder / "bare.onnx");
  fs::remove_all(bench.folder / "w");
  const Outcome outcome = bench.fair({"import", "weights", "w.pt", "--base", "bare.onnx", "--out", "m.onnx"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(bench.exists("m.onnx"));
  EXPECT_EQ(bench.fair({"import", "weights", "w.pt", "--base", "bare.onnx"}).status, 1);
}

}  // namespace
}  // namespace fair
