#include "native/onnx/int8_weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "native/onnx/builder.h"
#include "native/onnx/counter_random.h"
#include "native/onnx/read.h"
#include "native/onnx/write.h"

namespace {

using namespace fair::onnx;

std::vector<float> bell(std::size_t n, float deviation) {
  const CounterRandom random(3, 1);
  std::vector<float> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    double sum = -6;
    for (std::size_t k = 0; k < 12; ++k) sum += static_cast<double>(random.below(12 * i + k, 1U << 20U)) / (1U << 20U);
    out[i] = static_cast<float>(sum) * deviation;
  }
  return out;
}

double squared_error(const std::vector<float>& weights, const Int8Weights& q) {
  double error = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double off = weights[i] - static_cast<double>(q.values[i]) * q.scales[0];
    error += off * off;
  }
  return error;
}

/// conv and fc have weights to store, head has too few.
Model net() {
  Builder b("net", 18, 1);
  const auto x = b.input("input", {{-1, "batch"}, {16, ""}, {8, ""}, {8, ""}});
  const auto y = b.conv("head", b.batch_norm("bn", b.conv("conv", x, ConvShape{16, 8}), 8), ConvShape{8, 2, 1, 1, true});
  b.linear("fc", b.flatten("flat", b.global_average_pool("pool", y)), 2, 600);
  b.output(b.identity("out", y), {{-1, "batch"}, {2, ""}, {8, ""}, {8, ""}});
  return std::move(b).build("test");
}

TEST(Int8Weights, AreOffByHalfAScaleAtMostWhereTheyAreNotClipped) {
  constexpr std::size_t channels = 5, inner = 7, outer = 40;
  std::vector<float> weights = bell(outer * channels * inner, 0.1F);
  weights[0] = 3.0F;  // far beyond the others: its channel clips it or lives with a coarse scale, whichever costs less
  const Int8Weights q = quantise(weights, channels, inner);
  ASSERT_EQ(q.values.size(), weights.size());
  ASSERT_EQ(q.scales.size(), channels);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float scale = q.scales[i / inner % channels];
    EXPECT_GE(q.values[i], -127);
    const float off = std::fabs(weights[i] - static_cast<float>(q.values[i]) * scale);
    if (std::fabs(weights[i]) <= 127 * scale) {
      EXPECT_LE(off, scale * 0.5001F) << i;
    } else {
      EXPECT_EQ(std::abs(q.values[i]), 127) << i;
    }
  }
}

TEST(Int8Weights, CostNoMoreThanTheLargestWeightsScaleWould) {
  std::vector<float> weights = bell(100000, 0.05F);
  weights[7] = 0.5F;
  const Int8Weights searched = quantise(weights, 1, weights.size());
  Int8Weights plain{std::vector<std::int8_t>(weights.size()), {0.5F / 127}};
  for (std::size_t i = 0; i < weights.size(); ++i) plain.values[i] = static_cast<std::int8_t>(std::nearbyint(weights[i] / plain.scales[0]));
  // n s²/12 of rounding and (m - 127 s)² of clipping are least together at m/127 / (1 + n/6/(2·127²)), by that factor below the plain scale's.
  const double factor = 1 / (1 + 100000.0 / 6 / (2 * 127 * 127));
  EXPECT_NEAR(squared_error(weights, searched) / squared_error(weights, plain), factor, 0.02);
  EXPECT_NEAR(searched.scales[0] / plain.scales[0], factor, 0.5 / 32);
}

TEST(Int8Weights, OfZeroAndNextToNothingAreZero) {
  std::vector<float> weights(30, 0.0F);
  weights[12] = std::numeric_limits<float>::denorm_min();
  const Int8Weights q = quantise(weights, 3, 10);
  for (const auto value : q.values) EXPECT_EQ(value, 0);
  for (const float scale : q.scales) EXPECT_GT(scale, 0);
}

TEST(Int8Weights, KeepSmallTensorsAndQuarterLargeOnes) {
  const Model full = net();
  const auto small = with_int8_weights(full);
  ASSERT_TRUE(small) << small.error().message();
  const Graph& g = small->graph;
  ASSERT_NE(g.initializer("conv.weight.i8"), nullptr);
  EXPECT_EQ(g.initializer("conv.weight.i8")->type, ElementType::i8);
  EXPECT_EQ(g.initializer("conv.weight.i8")->raw.size(), 8U * 16 * 9);
  EXPECT_EQ(g.initializer("conv.weight.scale")->dims, (std::vector<std::int64_t>{8, 1, 1, 1}));
  EXPECT_EQ(g.initializer("fc.weight.scale")->dims, (std::vector<std::int64_t>{600, 1}));
  for (const char* kept : {"head.weight", "head.bias", "bn.running_var", "fc.bias"}) EXPECT_EQ(g.initializer(kept)->type, ElementType::f32) << kept;
  const auto again = parse_model(serialize(*small), "small");
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(serialize(*again), serialize(*small));
}

TEST(Int8Weights, TakeTheOutputChannelsAxisOfEachOperator) {
  Model model;
  model.opsets = {{"", 13}};
  const auto values = bell(2000, 1);
  const auto add = [&](const std::string& op, std::vector<std::int64_t> dims, std::vector<Attribute> attributes = {}) {
    model.graph.initializers.push_back(Tensor::of(op, std::move(dims), values));
    Node node;
    node.op = op.substr(0, op.find('-'));
    node.inputs = {"x", op};
    node.outputs = {op + "-y"};
    node.attributes = std::move(attributes);
    model.graph.nodes.push_back(std::move(node));
  };
  add("ConvTranspose", {10, 8, 5, 5});
  add("Gemm-plain", {40, 50});
  add("Gemm-turned", {40, 50}, {integer_attribute("transB", 1)});
  add("MatMul", {2, 50, 20});
  const auto small = with_int8_weights(model);
  ASSERT_TRUE(small);
  using Dims = std::vector<std::int64_t>;
  EXPECT_EQ(small->graph.initializer("ConvTranspose.scale")->dims, (Dims{1, 8, 1, 1}));
  EXPECT_EQ(small->graph.initializer("Gemm-plain.scale")->dims, (Dims{1, 50}));
  EXPECT_EQ(small->graph.initializer("Gemm-turned.scale")->dims, (Dims{40, 1}));
  EXPECT_EQ(small->graph.initializer("MatMul.scale")->dims, (Dims{1, 1, 20}));

  const Model back = with_int8_weights_restored(*small);
  ASSERT_EQ(back.graph.nodes.size(), model.graph.nodes.size());
  for (const Tensor& t : back.graph.initializers) {
    const Tensor* scales = small->graph.initializer(t.name + ".scale");
    const float largest = *std::max_element(scales->f32(), scales->f32() + scales->elements());
    std::size_t clipped = 0;
    for (std::size_t i = 0; i < values.size(); ++i) clipped += std::fabs(t.f32()[i] - values[i]) > 0.5001F * largest ? 1 : 0;
    EXPECT_LT(clipped, values.size() / 50) << t.name;
  }
}

TEST(Int8Weights, ComeBackUnderTheirNames) {
  const Model full = net();
  const auto small = with_int8_weights(full);
  ASSERT_TRUE(small);
  const Model back = with_int8_weights_restored(*small);
  ASSERT_EQ(back.graph.nodes.size(), full.graph.nodes.size());
  ASSERT_EQ(back.graph.initializers.size(), full.graph.initializers.size());
  for (std::size_t k = 0; k < full.graph.initializers.size(); ++k) {
    const Tensor &a = full.graph.initializers[k], &b = back.graph.initializers[k];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.type, b.type);
    ASSERT_EQ(a.dims, b.dims);
    if (a.type != ElementType::f32) continue;
    for (std::int64_t i = 0; i < a.elements(); ++i) ASSERT_NEAR(a.f32()[i], b.f32()[i], 0.02) << a.name;
  }
  EXPECT_EQ(serialize(with_int8_weights_restored(full)), serialize(full)) << "a graph without int8 weights stays as it is";
}

TEST(Int8Weights, OfAGraphThatListsItsWeightsAsInputsAreInputsNoMore) {
  Model model = net();
  model.graph.inputs.push_back({"conv.weight", ElementType::f32, {}, {}, {}});
  const auto small = with_int8_weights(model);
  ASSERT_TRUE(small);
  EXPECT_EQ(small->graph.feeds().size(), 1U);
}

TEST(Int8Weights, OfConstantNodesAreStoredAsThoseOfInitializers) {
  const Model plain = net();
  Model written = plain;
  for (const Tensor& t : plain.graph.initializers) {
    Node constant;
    constant.op = "Constant";
    constant.outputs = {t.name};
    Attribute value;
    value.name = "value";
    value.type = Attribute::Type::tensor;
    value.tensor = std::make_shared<Tensor>(t);
    value.tensor->name.clear();
    constant.attributes = {value};
    written.graph.nodes.insert(written.graph.nodes.begin(), constant);
  }
  written.graph.initializers.clear();
  const auto want = with_int8_weights(plain), got = with_int8_weights(written);
  ASSERT_TRUE(want && got);
  for (const char* name : {"conv.weight.i8", "fc.weight.i8", "conv.weight.scale"}) {
    const Tensor *a = want->graph.initializer(name), *b = got->graph.initializer(name);
    ASSERT_TRUE(a != nullptr && b != nullptr) << name;
    EXPECT_EQ(a->dims, b->dims);
    EXPECT_EQ(a->raw, b->raw);
  }
  // What is too small to store stays where it was.
  EXPECT_EQ(got->graph.initializer("head.weight"), nullptr);
}

TEST(Int8Weights, AreRefusedWhereThereAreNoneOrOneIsNotFinite) {
  Builder b("few", 18, 1);
  const auto x = b.input("input", {{1, ""}, {3, ""}, {8, ""}, {8, ""}});
  b.output(b.conv("conv", x, ConvShape{3, 2}), {});
  const auto none = with_int8_weights(std::move(b).build("test"));
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message().find("1000 elements"), std::string::npos) << none.error().message();

  Model broken = net();
  broken.graph.initializer("conv.weight")->f32()[5] = NAN;
  const auto refused = with_int8_weights(std::move(broken));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("conv.weight"), std::string::npos) << refused.error().message();
}

}  // namespace
