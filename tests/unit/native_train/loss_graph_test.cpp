// A loss given as an ONNX graph: trained by like one of ours, or refused before anything is trained.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "native/onnx/builder.h"
#include "native/onnx/write.h"
#include "native/train/loss.h"

namespace {

using namespace fair;

/// Mean of (logits - target)² · 3 over one channel; `reduced` false leaves a value a pixel.
onnx::Model squares(bool reduced) {
  onnx::Builder b("loss", 17, 1);
  const auto node = [&b](const char* op, std::vector<std::string> inputs, const char* name) {
    onnx::Node n;
    n.name = name;
    n.op = op;
    n.inputs = std::move(inputs);
    return b.node(std::move(n));
  };
  b.input("target", {{-1, "n"}, {-1, "h"}, {-1, "w"}});
  b.input("output", {{-1, "n"}, {1, ""}, {-1, "h"}, {-1, "w"}});
  const auto off = node("Sub", {node("Squeeze", {"output", "axis"}, "flat"), "target"}, "off");
  auto y = node("Mul", {node("Mul", {off, off}, "square"), "weights"}, "weighted");
  if (reduced) y = node("ReduceMean", {y}, "mean");
  b.output(y, {});
  auto model = std::move(b).build("test");
  model.graph.initializers.push_back(onnx::Tensor::of("axis", {1}, std::vector<std::int64_t>{1}));
  model.graph.initializers.push_back(onnx::Tensor::of("weights", {2}, std::vector<float>{3, 3}));
  return model;
}

Result<train::Loss> loaded(const onnx::Model& model) {
  const auto path = std::filesystem::temp_directory_path() / ("fair_loss_" + std::to_string(::getpid()) + ".onnx");
  EXPECT_TRUE(onnx::write_model(path, model));
  auto loss = train::Loss::from_graph(path, 1, 2, at::kCPU);
  std::filesystem::remove(path);
  return loss;
}

TEST(LossGraph, GivesItsValueAndTheGradient) {
  const auto loss = loaded(squares(true));
  ASSERT_TRUE(loss) << loss.error().message();
  const auto logits = at::rand({4, 1, 3, 2}).set_requires_grad(true);
  const auto target = at::randint(2, {4, 3, 2}, at::kLong);
  const auto value = (*loss)(logits, target);
  const auto want = (logits.squeeze(1) - target).square().mean() * 3;
  EXPECT_NEAR(value.item<double>(), want.item<double>(), 1e-6);
  value.backward();
  const auto slope = (logits.detach().squeeze(1) - target) * 6.0 / 24.0;
  EXPECT_LE((logits.grad().squeeze(1) - slope).abs().max().item<double>(), 1e-6);
}

TEST(LossGraph, IsRefusedWhereItGivesMoreThanOneValue) {
  const auto loss = loaded(squares(false));
  ASSERT_FALSE(loss);
  EXPECT_NE(loss.error().message().find("4 values"), std::string::npos) << loss.error().message();
}

TEST(LossGraph, IsRefusedWithoutATarget) {
  onnx::Builder b("loss", 17, 1);
  b.output(b.relu("relu", b.input("output", {{-1, "n"}, {1, ""}, {-1, "h"}, {-1, "w"}})), {});
  const auto loss = loaded(std::move(b).build("test"));
  ASSERT_FALSE(loss);
  EXPECT_NE(loss.error().message().find("1 inputs"), std::string::npos) << loss.error().message();
}

}  // namespace
