#include "native/onnx/untied_weights.h"

#include <gtest/gtest.h>

#include <set>

#include "native/onnx/builder.h"

namespace fair::onnx {
namespace {

Node node_of(const std::string& op, std::vector<std::string> inputs, std::string output) {
  Node out;
  out.op = op;
  out.inputs = std::move(inputs);
  out.outputs = {std::move(output)};
  return out;
}

/// Two normalisations as PyTorch's exporter writes untrained ones: zeros and ones once, the second's by Identity.
Model exported() {
  Model model;
  model.graph.initializers = {Tensor::of("zeros", {3}, std::vector<float>{0, 0, 0}), Tensor::of("ones", {3}, std::vector<float>{1, 1, 1}),
                              Tensor::of("shared", {3}, std::vector<float>{1, 2, 3})};
  model.graph.nodes = {node_of("Identity", {"ones"}, "second.weight"), node_of("BatchNormalization", {"x", "ones", "zeros", "zeros", "ones"}, "a"),
                       node_of("BatchNormalization", {"a", "second.weight", "zeros", "zeros", "ones"}, "b"), node_of("Add", {"b", "shared"}, "c"),
                       node_of("Mul", {"c", "shared"}, "y")};
  model.graph.inputs.push_back({"x", ElementType::f32, {}, "", ""});
  model.graph.outputs.push_back({"y", ElementType::f32, {}, "", ""});
  return model;
}

TEST(UntiedWeights, EveryUseOfEqualNumbersIsAWeightOfItsOwn) {
  const Model model = with_weights_untied(exported());
  ASSERT_EQ(model.graph.nodes.size(), 4U) << "the Identity is a weight now";
  std::set<std::string> names;
  for (const std::size_t n : {0, 1}) {
    for (std::size_t i = 1; i < 5; ++i) {
      const std::string& name = model.graph.nodes[n].inputs[i];
      EXPECT_TRUE(names.insert(name).second) << name << " is used twice";
      const Tensor* tensor = model.graph.initializer(name);
      ASSERT_NE(tensor, nullptr) << name;
      EXPECT_EQ(tensor->f32()[2], i == 1 || i == 4 ? 1.0F : 0.0F) << name;
    }
  }
  EXPECT_EQ(model.graph.nodes[0].inputs[1], "ones") << "the first use keeps its name";
  EXPECT_NE(model.graph.initializer("second.weight"), nullptr);
}

TEST(UntiedWeights, WhatDiffersWithinStaysShared) {
  const Model model = with_weights_untied(exported());
  EXPECT_EQ(model.graph.nodes[2].inputs[1], "shared");
  EXPECT_EQ(model.graph.nodes[3].inputs[1], "shared");
}

TEST(UntiedWeights, AnOutputThatIsAWeightKeepsItsIdentity) {
  Model model = exported();
  model.graph.outputs.push_back({"second.weight", ElementType::f32, {}, "", ""});
  EXPECT_EQ(with_weights_untied(model).graph.nodes.size(), 5U);
}

}  // namespace
}  // namespace fair::onnx
