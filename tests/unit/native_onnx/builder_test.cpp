#include "native/onnx/builder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "native/onnx/counter_random.h"
#include "native/onnx/write.h"
#include "plugins/unet_segmentation/training/graph.h"

namespace {

using namespace fair;

std::int64_t parameters(const onnx::Model& model) {
  std::int64_t n = 0;
  for (const auto& t : model.graph.initializers) {
    if (t.name.find("running_") == std::string::npos && t.name.find("scales_") == std::string::npos) n += t.elements();
  }
  return n;
}

TEST(UnetGraphs, TheSmallOneIsSmall) {
  const auto model = unet_segmentation::unet_small({});
  EXPECT_LE(parameters(model), 1'500'000);
  EXPECT_LE(onnx::serialize(model).size(), 6'000'000U);
  EXPECT_EQ(model.opset(), 18);
  EXPECT_LE(model.ir_version, 10);
}

TEST(UnetGraphs, TheLargeOneHasTheNamesAndSizesPyTorchUsersKnow) {
  const auto model = unet_segmentation::unet_resnet34({});
  EXPECT_EQ(parameters(model), 24'436'514);  // ResNet34 without its classifier, and the decoder of widths 256 to 16
  using Dims = std::vector<std::int64_t>;
  EXPECT_EQ(model.graph.initializer("encoder.conv1.weight")->dims, (Dims{64, 3, 7, 7}));
  EXPECT_EQ(model.graph.initializer("encoder.layer2.0.downsample.0.weight")->dims, (Dims{128, 64, 1, 1}));
  EXPECT_EQ(model.graph.initializer("encoder.layer3.5.bn2.running_var")->dims, (Dims{256}));
  EXPECT_EQ(model.graph.initializer("decoder.blocks.0.conv1.0.weight")->dims, (Dims{256, 768, 3, 3}));
  EXPECT_EQ(model.graph.initializer("segmentation_head.0.bias")->dims, (Dims{2}));
}

TEST(UnetGraphs, WeightsFollowTheSeedAlone) {
  const auto a = onnx::serialize(unet_segmentation::unet_small({2, 1}));
  EXPECT_EQ(a, onnx::serialize(unet_segmentation::unet_small({2, 1})));
  EXPECT_NE(a, onnx::serialize(unet_segmentation::unet_small({2, 2})));
}

TEST(UnetGraphs, StartAsHeSays) {
  const auto model = unet_segmentation::unet_resnet34({});
  const auto* w = model.graph.initializer("encoder.layer4.1.conv1.weight");
  double sum = 0;
  double squares = 0;
  const auto n = static_cast<std::size_t>(w->elements());
  for (std::size_t i = 0; i < n; ++i) {
    sum += w->f32()[i];
    squares += static_cast<double>(w->f32()[i]) * w->f32()[i];
  }
  EXPECT_NEAR(sum / static_cast<double>(n), 0.0, 1e-4);
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(n)), std::sqrt(2.0 / (512 * 9)), 1e-4);
}

TEST(UnetGraphs, EveryValueIsMadeBeforeItIsUsed) {
  for (const auto* id : {"unet-segmentation", "unet-segmentation-small"}) {
    const auto model = unet_segmentation::graph_for(id, {5, 3});
    ASSERT_TRUE(model);
    std::set<std::string> known{"input", ""};
    for (const auto& t : model->graph.initializers) EXPECT_TRUE(known.insert(t.name).second) << t.name;
    for (const auto& n : model->graph.nodes) {
      for (const auto& in : n.inputs) EXPECT_TRUE(known.count(in)) << n.label() << " reads " << in;
      for (const auto& out : n.outputs) EXPECT_TRUE(known.insert(out).second) << out;
    }
    EXPECT_TRUE(known.count("logits"));
  }
  EXPECT_FALSE(unet_segmentation::graph_for("resnet18", {}));
}

TEST(CounterRandom, IsUniformAndNormal) {
  const onnx::CounterRandom random(7, 1);
  double mean = 0;
  double squares = 0;
  constexpr int n = 20000;
  for (int i = 0; i < n; ++i) {
    const double u = random.uniform(static_cast<std::uint64_t>(i));
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    mean += u / n;
    const double g = random.normal(static_cast<std::uint64_t>(i));
    squares += g * g / n;
  }
  EXPECT_NEAR(mean, 0.5, 0.01);
  EXPECT_NEAR(squares, 1.0, 0.03);
  EXPECT_NE(random.bits(0), onnx::CounterRandom(7, 2).bits(0));
  EXPECT_NE(random.bits(0), onnx::CounterRandom(8, 1).bits(0));
}

}  // namespace
