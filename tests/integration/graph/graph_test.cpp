// fair graph as a stranger with a graph would use it.
#include "native/onnx/npy.h"
#include "native/onnx/write.h"
#include "tests/integration/cli/command.h"
#include "tests/integration/graph/foreign_graph.h"

namespace fair {
namespace {

using test::Bench;
using test::foreign_graph;
using test::Outcome;

class Graph : public testing::Test {
 protected:
  void save(const std::string& name, const onnx::Model& model) const { ASSERT_TRUE(onnx::write_model(bench.folder / name, model)); }
  Bench bench;
};

TEST_F(Graph, InfoSaysWhatItTakesAndGives) {
  save("m.onnx", foreign_graph(0, 2));
  const Outcome outcome = bench.fair({"graph", "info", "m.onnx", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const Json json = outcome.json();
  EXPECT_EQ(json["opset"], 17);
  EXPECT_EQ(json["inputs"][0]["shape"], Json::parse(R"(["n", 3, "h", "w"])"));
  EXPECT_EQ(json["operators"]["Conv"], 2);
  EXPECT_EQ(json["parameters"], 3 * 8 * 9 + 8 + 8 * 2 * 9 + 2);
  EXPECT_EQ(bench.fair({"graph", "info", "absent.onnx"}).status, 1);
}

TEST_F(Graph, OpsIsTheTableAndNamesWhatIsLacking) {
  const Outcome all = bench.fair({"graph", "ops", "--json"});
  ASSERT_EQ(all.status, 0) << all.err;
  EXPECT_GT(all.json()["operators"].size(), 120U);
  save("odd.onnx", foreign_graph(8, 2, "If"));
  const Outcome odd = bench.fair({"graph", "ops", "odd.onnx", "--json"});
  EXPECT_EQ(odd.status, 3);
  EXPECT_EQ(odd.json()["lacking"][0]["op"], "If");
}

TEST_F(Graph, BothEnginesWriteTheSameOutput) {
  save("m.onnx", foreign_graph(0, 2, "Sigmoid"));
  std::vector<float> values(3 * 20 * 12);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 17) / 17.0F;
  ASSERT_TRUE(onnx::write_npy(bench.folder / "x.npy", onnx::Tensor::of("", {1, 3, 20, 12}, values)));
  ASSERT_EQ(bench.fair({"graph", "run", "m.onnx", "--input", "x.npy", "--output", "a.npy"}).status, 0);
  ASSERT_EQ(bench.fair({"graph", "run", "m.onnx", "--input", "x.npy", "--engine", "torch", "--output", "b.npy"}).status, 0);
  const auto a = onnx::read_npy(bench.folder / "a.npy");
  const auto b = onnx::read_npy(bench.folder / "b.npy");
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->dims, (std::vector<std::int64_t>{1, 2, 20, 12}));
  ASSERT_EQ(a->dims, b->dims);
  for (std::int64_t i = 0; i < a->elements(); ++i) EXPECT_NEAR(a->f32()[i], b->f32()[i], 1e-5);
}

TEST_F(Graph, AnInputOfAnotherShapeIsRefusedWithBoth) {
  save("m.onnx", foreign_graph(16, 2));
  ASSERT_TRUE(onnx::write_npy(bench.folder / "x.npy", onnx::Tensor::of("", {1, 3, 8, 8}, std::vector<float>(192))));
  const Outcome outcome = bench.fair({"graph", "run", "m.onnx", "--input", "x.npy", "--output", "a.npy"});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_NE(outcome.err.find("n×3×16×16"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("1×3×8×8"), std::string::npos) << outcome.err;
  EXPECT_FALSE(bench.exists("a.npy"));
}

TEST_F(Graph, CheckHoldsForWhatTrainsAndKeepsTheResult) {
  save("m.onnx", foreign_graph(24, 2));
  const Outcome outcome = bench.fair({"graph", "check", "m.onnx", "--json", "--output", "trained.onnx"});
  ASSERT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  const Json json = outcome.json();
  EXPECT_EQ(json["held"], true);
  EXPECT_LT(json["training"]["last_loss"].get<double>(), json["training"]["first_loss"].get<double>());
  EXPECT_EQ(json["training"]["losses"].size(), 21U);
  EXPECT_NE(bench.read("m.onnx"), bench.read("trained.onnx"));
  EXPECT_EQ(bench.fair({"graph", "check", "trained.onnx", "--steps", "2"}).status, 0);
}

TEST_F(Graph, CheckHoldsForAnOutputOfOneNumber) {
  auto model = foreign_graph(24, 1, "GlobalAveragePool");
  model.graph.outputs[0].shape.reset();
  save("m.onnx", model);
  const Outcome outcome = bench.fair({"graph", "check", "m.onnx"});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err << "one number has no spread; its target is of its own size all the same";
}

TEST_F(Graph, CheckNamesTheNodeItCannotTrain) {
  auto model = foreign_graph(24, 2);
  onnx::Node n;
  n.name = "odd";
  n.op = "RandomNormalLike";
  n.inputs = {model.graph.outputs[0].name};
  n.outputs = {"noise"};
  model.graph.nodes.push_back(n);
  model.graph.outputs[0].name = "noise";
  save("m.onnx", model);
  const Outcome outcome = bench.fair({"graph", "check", "m.onnx"});
  EXPECT_EQ(outcome.status, 1);
  for (const auto* part : {"RandomNormalLike", "odd", "17"}) EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
}

TEST_F(Graph, CheckSaysThatADecidedOutputHasNothingToLearn) {
  auto model = foreign_graph(24, 2, "ArgMax");
  model.graph.outputs[0].type = onnx::ElementType::i64;
  model.graph.outputs[0].shape.reset();
  save("m.onnx", model);
  const Outcome outcome = bench.fair({"graph", "check", "m.onnx"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("argmax"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace fair
