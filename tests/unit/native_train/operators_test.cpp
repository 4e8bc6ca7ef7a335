// Third parties' graphs through the trainer's operators, against what ONNX Runtime gave for them; and what must be refused.
#include <gtest/gtest.h>

#include "native/onnx/builder.h"
#include "native/onnx/read.h"
#include "native/train/program.h"
#include "tests/unit/native_train/npy.h"

namespace {

using namespace fair;
const std::filesystem::path folder = std::filesystem::path(FAIR_SHARED) / "models";

struct Case {
  const char* name;
  double tolerance;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Models : public testing::TestWithParam<Case> {};

TEST_P(Models, RunAsInOnnxRuntime) {
  const std::string name = GetParam().name;
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no " << folder;
  const auto model = onnx::read_model(folder / (name + ".onnx"));
  ASSERT_TRUE(model) << model.error().message();
  auto program = train::Program::compile(*model, {});
  ASSERT_TRUE(program) << program.error().message();
  const auto input = test::read_npy(folder / (name + ".input.npy"));
  const auto want = test::read_npy(folder / (name + ".output.npy"));
  auto got = program->run(input)[0];
  if (program->closing_activation() == "Sigmoid") got = at::sigmoid(got);
  if (program->closing_activation() == "Softmax") got = at::softmax(got, -1);
  ASSERT_EQ(got.sizes(), want.sizes());
  EXPECT_LE((got - want).abs().max().item<double>(), GetParam().tolerance);

  // Every weight that learns gets a gradient.
  program->set_training(true);
  program->run(input.repeat({2, 1, 1, 1}))[0].square().mean().backward();
  for (const auto& p : program->parameters()) EXPECT_TRUE(p.value.grad().defined()) << p.name;
}

INSTANTIATE_TEST_SUITE_P(
    ThirdParty, Models,
    testing::Values(Case{"keras_unet_nhwc_op13", 1e-5}, Case{"keras_unet_upsample_nhwc_op15", 1e-5}, Case{"smp_unet_mnv3s_op16", 1e-4},
                    Case{"smp_unet_mnv3s_dynamo_op18", 1e-4}, Case{"unet_batchnorm_op14", 1e-4}, Case{"unet_groupnorm_op15", 1e-4},
                    Case{"unet_groupnorm_dynamo_op20", 1e-4}, Case{"unet_instancenorm_op11", 1e-4}, Case{"unet_layernorm_op13", 1e-4},
                    Case{"unet_layernorm_op17", 1e-4}, Case{"tv_resnet18w8_bnkept_op18", 1e-4}, Case{"tv_resnet18w8_bnkept_dynamo_op18", 1e-4},
                    Case{"tv_resnet18w8_eval_op17", 1e-4}, Case{"tv_mobilenet_v3_small_op13", 1e-4}, Case{"tv_lraspp_mobilenet_v3_large_op17", 1e-4}),
    [](const auto& given) { return std::string(given.param.name); });

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
  auto program = train::Program::compile(model, {at::kFloat, at::kCPU, true, {"encoder."}});
  ASSERT_TRUE(program);
  EXPECT_EQ(program->frozen().size(), 3U);
  program->set_training(true);
  program->run(at::rand({2, 3, 8, 8}))[0].square().mean().backward();
  auto after = model;
  program->write_back(after);
  EXPECT_EQ(after.graph.initializer("encoder.bn.running_mean")->raw, model.graph.initializer("encoder.bn.running_mean")->raw);
  EXPECT_NE(after.graph.initializer("head.bn.running_mean")->raw, model.graph.initializer("head.bn.running_mean")->raw);
  EXPECT_FALSE(train::Program::compile(model, {at::kFloat, at::kCPU, true, {""}}));
}

}  // namespace
