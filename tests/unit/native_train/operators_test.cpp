// What a program must refuse, what it keeps frozen, what it gives besides its outputs.
#include <gtest/gtest.h>

#include "native/onnx/builder.h"
#include "native/train/program.h"

namespace {

using namespace fair;

onnx::Model small_graph(const std::string& op) {
  onnx::Builder b("graph", 18, 1);
  auto y = b.conv("conv", b.input("input", {{-1, "n"}, {3, ""}, {8, ""}, {8, ""}}), onnx::ConvShape{3, 2});
  onnx::Node n;
  n.name = "odd";
  n.op = op;
  n.inputs = {y};
  y = b.node(std::move(n));
  b.output(y, {});
  return std::move(b).build("test");
}

TEST(Refused, AnOperatorTheTrainerLacksIsNamedWithItsNodeAndOpset) {
  const auto program = train::Program::compile(small_graph("Unheard"), {});
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().code, Code::unsupported);
  for (const auto* part : {"Unheard", "odd", "opset 18"})
    EXPECT_NE(program.error().message().find(part), std::string::npos) << program.error().message();
}

TEST(Refused, AFormTheTrainerLacksIsNamedBeforeAnythingRuns) {
  auto model = small_graph("Cast");
  model.graph.nodes.back().attributes.push_back(onnx::integer_attribute("to", 8));
  const auto program = train::Program::compile(model, {});
  ASSERT_FALSE(program);
  EXPECT_NE(program.error().message().find("odd"), std::string::npos);
}

TEST(Refused, AGraphThatReadsWhatNothingMakes) {
  auto model = small_graph("Relu");
  model.graph.nodes.back().inputs = {"nowhere"};
  const auto program = train::Program::compile(model, {});
  ASSERT_FALSE(program);
  EXPECT_NE(program.error().message().find("nowhere"), std::string::npos);
}

/// Conv, then x · sigmoid(x), then Sigmoid; weights as Constant nodes instead of initializers where asked for.
onnx::Model swish_graph(bool constants) {
  onnx::Builder b("graph", 18, 1);
  const auto y = b.conv("conv", b.input("input", {{-1, "n"}, {3, ""}, {8, ""}, {8, ""}}), onnx::ConvShape{3, 2});
  const auto node = [&b](const char* op, std::vector<std::string> inputs, const char* name) {
    onnx::Node n;
    n.name = name;
    n.op = op;
    n.inputs = std::move(inputs);
    return b.node(std::move(n));
  };
  b.output(node("Sigmoid", {node("Mul", {y, node("Sigmoid", {y}, "gate")}, "swish")}, "out"), {});
  auto model = std::move(b).build("test");
  if (!constants) return model;
  onnx::Node constant;
  constant.op = "Constant";
  constant.outputs = {model.graph.initializers.front().name};
  onnx::Attribute value;
  value.name = "value";
  value.type = onnx::Attribute::Type::tensor;
  value.tensor = std::make_shared<onnx::Tensor>(model.graph.initializers.front());
  constant.attributes = {value};
  model.graph.initializers.clear();
  model.graph.nodes.insert(model.graph.nodes.begin(), constant);
  return model;
}

TEST(Fused, SwishAndAClosingSigmoidGiveWhatTheirNodesSay) {
  const auto model = swish_graph(false);
  train::ProgramOptions options;
  options.taps = {"/conv"};
  const auto logits = train::Program::compile(model, options);
  ASSERT_TRUE(logits) << logits.error().message();
  options.logits = false;
  const auto whole = train::Program::compile(model, options);
  ASSERT_TRUE(whole) << whole.error().message();
  const auto x = at::rand({2, 3, 8, 8});
  const auto seen = logits->run(x);
  const auto swish = seen[1] * at::sigmoid(seen[1]);
  EXPECT_EQ(logits->closing_activation(), "Sigmoid");
  EXPECT_LE((seen[0] - swish).abs().max().item<double>(), 1e-6);
  EXPECT_LE((whole->run(x)[0] - at::sigmoid(swish)).abs().max().item<double>(), 1e-6);
  EXPECT_EQ(whole->closing_activation(), "");
}

TEST(Weights, ThatAreConstantNodesLearnAndAreWrittenBack) {
  auto model = swish_graph(true);
  auto program = train::Program::compile(model, {});
  ASSERT_TRUE(program) << program.error().message();
  ASSERT_EQ(program->parameters().size(), 1U);
  EXPECT_EQ(program->parameters()[0].name, "conv.weight");
  const at::NoGradGuard no_gradients;
  at::Tensor(program->parameters()[0].value).fill_(0.25);
  program->write_back(model);
  EXPECT_EQ(model.graph.nodes.front().attribute("value")->tensor->f32()[7], 0.25F);
}

TEST(Weights, GridsThatAnExporterComputedDoNotLearn) {
  onnx::Builder b("graph", 18, 1);
  const auto y = b.conv("conv", b.input("input", {{-1, "n"}, {3, ""}, {8, ""}, {8, ""}}), onnx::ConvShape{3, 2});
  onnx::Node n;
  n.name = "shift";
  n.op = "Add";
  n.inputs = {y, "/head/Constant_output_0"};
  b.output(b.node(std::move(n)), {});
  auto model = std::move(b).build("test");
  model.graph.initializers.push_back(onnx::Tensor::of("/head/Constant_output_0", {2, 1, 1}, std::vector<float>{1, 2}));
  const auto program = train::Program::compile(model, {});
  ASSERT_TRUE(program);
  EXPECT_EQ(program->parameters().size(), 1U);
}

TEST(Taps, InnerValuesComeAfterTheOutputs) {
  onnx::Builder b("graph", 18, 1);
  const auto conv = b.conv("conv", b.input("input", {{-1, "n"}, {3, ""}, {8, ""}, {8, ""}}), onnx::ConvShape{3, 2});
  b.output(b.relu("relu", conv), {});
  const auto model = std::move(b).build("test");
  train::ProgramOptions options;
  options.taps = {conv, "input"};
  const auto program = train::Program::compile(model, options);
  ASSERT_TRUE(program) << program.error().message();
  const auto x = at::rand({2, 3, 8, 8});
  const auto values = program->run(x);
  ASSERT_EQ(values.size(), 3U);
  EXPECT_LT(values[1].min().item<double>(), 0.0);  // the value before the Relu, which did not overwrite it
  EXPECT_TRUE(at::equal(values[0], at::relu(values[1])));
  EXPECT_TRUE(at::equal(values[2], x));
  options.learns_from_taps = true;
  auto lean = train::Program::compile(model, options);
  ASSERT_TRUE(lean);
  lean->set_training(true);
  const auto trained = lean->run(x);
  EXPECT_FALSE(trained[0].defined());
  EXPECT_TRUE(at::equal(trained[1], values[1]));
  lean->set_training(false);
  EXPECT_TRUE(at::equal(lean->run(x)[0], values[0]));
  options.taps = {"nowhere"};
  const auto refused = train::Program::compile(model, options);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("nowhere"), std::string::npos);
}

TEST(Frozen, PartsGetNoGradientAndKeepTheirStatistics) {
  onnx::Builder b("graph", 18, 1);
  auto y = b.batch_norm("encoder.bn", b.conv("encoder.conv", b.input("input", {{-1, "n"}, {3, ""}, {8, ""}, {8, ""}}), onnx::ConvShape{3, 2}), 2);
  y = b.batch_norm("head.bn", b.conv("head.conv", y, onnx::ConvShape{2, 2}), 2);
  b.output(y, {});
  const auto model = std::move(b).build("test");
  train::ProgramOptions options;
  options.frozen = {"encoder."};
  auto program = train::Program::compile(model, options);
  ASSERT_TRUE(program);
  EXPECT_EQ(program->frozen().size(), 3U);
  program->set_training(true);
  program->run(at::rand({2, 3, 8, 8}))[0].square().mean().backward();
  auto after = model;
  program->write_back(after);
  EXPECT_EQ(after.graph.initializer("encoder.bn.running_mean")->raw, model.graph.initializer("encoder.bn.running_mean")->raw);
  EXPECT_NE(after.graph.initializer("head.bn.running_mean")->raw, model.graph.initializer("head.bn.running_mean")->raw);
  options.frozen = {""};
  EXPECT_FALSE(train::Program::compile(model, options));
}

}  // namespace
