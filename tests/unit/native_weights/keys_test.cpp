#include "native/weights/keys.h"

#include <gtest/gtest.h>

#include <cmath>

#include "native/weights/overlay.h"

namespace fair::weights {
namespace {

using onnx::Tensor;

onnx::Graph graph() {
  onnx::Graph g;
  g.initializers = {Tensor::of("conv1.weight", {2, 1, 1, 1}, std::vector<float>{0, 0}), Tensor::of("bn1.weight", {2}, std::vector<float>{0, 0}),
                    Tensor::of("bn1.running_var", {2}, std::vector<float>{0, 0}), Tensor::of("fc.weight", {1, 2}, std::vector<float>{0, 0}),
                    Tensor::of("scales", {4}, std::vector<float>{1, 1, 2, 2})};
  return g;
}

StateDict state(const std::string& prefix) {
  StateDict s;
  s.tensors = {Tensor::of(prefix + "conv1.weight", {2, 1, 1, 1}, std::vector<float>{1, 2}),
               Tensor::of(prefix + "bn1.weight", {2}, std::vector<float>{3, 4}),
               Tensor::of(prefix + "bn1.running_var", {2}, std::vector<float>{5, 6}),
               Tensor::of(prefix + "bn1.num_batches_tracked", {}, std::vector<std::int64_t>{7}),
               Tensor::of(prefix + "fc.weight", {1, 2}, std::vector<float>{8, 9})};
  return s;
}

TEST(Keys, MatchByNameUnderAnyCommonPrefix) {
  for (const char* prefix : {"", "module.", "model.", "module._orig_mod.", "net.encoder."}) {
    const StateDict given = state(prefix);
    const KeyMatch match = match_keys(graph(), given.tensors, false);
    EXPECT_TRUE(match.whole()) << prefix;
    EXPECT_EQ(match.matched.size(), 4U) << prefix;
    EXPECT_EQ(match.ignored, 1U);
    EXPECT_TRUE(match.unexpected.empty());
    onnx::Graph g = graph();
    ASSERT_TRUE(lay_over(g, match, given));
    EXPECT_EQ(g.initializer("fc.weight")->f32()[1], 9);
    EXPECT_EQ(g.initializer("scales")->f32()[2], 2);
  }
}

TEST(Keys, OfAGraphWithAPrefixMatchAFileWithoutIt) {
  onnx::Graph g = graph();
  for (Tensor& t : g.initializers) t.name = "model." + t.name;
  const KeyMatch match = match_keys(g, state("").tensors, false);
  EXPECT_TRUE(match.whole());
  EXPECT_EQ(match.added, "model.");
}

TEST(Keys, AreAllReported) {
  StateDict given = state("");
  given.tensors[0].dims = {1, 2, 1, 1};
  given.tensors.pop_back();
  given.tensors.push_back(Tensor::of("extra.weight", {1}, std::vector<float>{1}));
  const KeyMatch match = match_keys(graph(), given.tensors, false);
  EXPECT_FALSE(match.whole());
  ASSERT_EQ(match.misshaped.size(), 1U);
  EXPECT_EQ(match.misshaped[0].expected, "float32 [2, 1, 1, 1]");
  EXPECT_EQ(match.misshaped[0].found, "float32 [1, 2, 1, 1]");
  EXPECT_EQ(match.missing, std::vector<std::string>{"fc.weight"});
  EXPECT_EQ(match.unexpected, std::vector<std::string>{"extra.weight"});
}

TEST(Keys, ThatDifferInNameArePairedInOrderOnlyWhereAsked) {
  StateDict given = state("");
  for (Tensor& t : given.tensors) t.name = "x" + std::to_string(&t - given.tensors.data());
  given.tensors.erase(given.tensors.begin() + 3);  // the count of batches, no longer known by its name
  EXPECT_TRUE(match_keys(graph(), given.tensors, false).matched.empty());
  EXPECT_TRUE(match_keys(graph(), given.tensors, true).whole());
  std::swap(given.tensors[0], given.tensors[1]);
  const KeyMatch wrong = match_keys(graph(), given.tensors, true);
  EXPECT_FALSE(wrong.whole());
  EXPECT_EQ(wrong.misshaped.size(), 1U);
  EXPECT_EQ(wrong.missing.size(), 3U);
}

TEST(Keys, OfBatchStatisticsDoNotBelongToAGraphThatFoldedThem) {
  onnx::Graph g = graph();
  g.initializers.erase(g.initializers.begin() + 1, g.initializers.begin() + 3);
  const KeyMatch match = match_keys(g, state("").tensors, false);
  EXPECT_TRUE(match.folded);
  EXPECT_FALSE(match.whole());
}

TEST(Overlay, RefusesNumbersThatAreNone) {
  StateDict given = state("");
  given.tensors[1].f32()[0] = NAN;
  onnx::Graph g = graph();
  const auto laid = lay_over(g, match_keys(g, given.tensors, false), given);
  ASSERT_FALSE(laid);
  EXPECT_NE(laid.error().thing.find("bn1.weight"), std::string::npos);
  EXPECT_EQ(g.initializer("conv1.weight")->f32()[0], 0);
}

}  // namespace
}  // namespace fair::weights
