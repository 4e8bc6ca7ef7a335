#include "native/train/convolution.h"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

namespace {

using namespace fair::train;

struct Case {
  const char* name;
  std::int64_t batch, in, out, rows, columns, kernel, stride, pad;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

struct Given {
  at::Tensor x, weight, bias;
  ConvolutionSteps steps;
};

Given given(const Case& c, at::ScalarType type = at::kFloat) {
  at::manual_seed(5);
  const auto laid = [type](at::Tensor t) { return t.to(type).contiguous(at::MemoryFormat::ChannelsLast).set_requires_grad(true); };
  return {laid(at::randn({c.batch, c.in, c.rows, c.columns})),
          laid(at::randn({c.out, c.in, c.kernel, c.kernel})),
          at::randn({c.out}).to(type).set_requires_grad(true),
          {{c.stride, c.stride}, {c.pad, c.pad}, {1, 1}, 1}};
}

double distance(const at::Tensor& got, const at::Tensor& want) { return (got - want).abs().max().item<double>() / want.abs().max().item<double>(); }

class Convolution : public testing::TestWithParam<Case> {};

TEST_P(Convolution, GivesLibTorchsGradientsInFloat64) {
  const Given g = given(GetParam()), wide = given(GetParam(), at::kDouble);
  const auto got = convolution(g.x, g.weight, g.bias, g.steps, true);
  const auto want = at::conv2d(wide.x, wide.weight, wide.bias, wide.steps.stride, wide.steps.pads);
  EXPECT_LE(distance(got, want), 2e-6);
  const auto along = at::randn(want.sizes());
  (got * along).sum().backward();
  (want * along).sum().backward();
  for (const auto& [learned, exact] : {std::pair{g.x, wide.x}, {g.weight, wide.weight}, {g.bias, wide.bias}}) {
    EXPECT_LE(distance(learned.grad(), exact.grad()), 5e-6);
  }
}

TEST_P(Convolution, HasAGradientOfWeightsByOurLoops) {
  const Case& c = GetParam();
  const Given g = given(c), wide = given(c, at::kDouble);
  if (!has_weight_gradient(c.in, c.out, g.steps)) {
    EXPECT_TRUE(c.out % 8 != 0 && (c.in % 8 != 0 || c.stride != 1));
    return;
  }
  const auto want = at::conv2d(wide.x, wide.weight, {}, wide.steps.stride, wide.steps.pads);
  const auto along = at::randn(want.sizes()).contiguous(at::MemoryFormat::ChannelsLast);
  (want * along).sum().backward();
  const c10::NoGradGuard no_gradients;
  const int before = at::get_num_threads();
  std::vector<at::Tensor> got;
  for (const int threads : {1, 2, 3}) {
    at::set_num_threads(threads);
    got.push_back(weight_gradient(g.x, along, g.weight, g.steps));
  }
  at::set_num_threads(before);
  EXPECT_LE(distance(got[0], wide.weight.grad()), 5e-6);
  EXPECT_EQ(got[0].strides(), g.weight.strides());
  EXPECT_TRUE(got[0].equal(got[1]));
  EXPECT_TRUE(got[0].equal(got[2]));
}

INSTANTIATE_TEST_SUITE_P(All, Convolution,
                         testing::Values(Case{"stem", 2, 3, 16, 64, 64, 3, 2, 1}, Case{"sevenByStrideTwo", 2, 3, 64, 61, 45, 7, 2, 3},
                                         Case{"plain", 3, 32, 32, 40, 56, 3, 1, 1}, Case{"strideTwoOdd", 2, 24, 40, 33, 31, 3, 2, 1},
                                         Case{"pointwise", 2, 13, 8, 20, 24, 1, 1, 0}, Case{"pointwiseStride", 2, 16, 24, 21, 25, 1, 2, 0},
                                         Case{"noPads", 1, 17, 16, 19, 23, 3, 1, 0}, Case{"widePads", 1, 5, 8, 6, 6, 5, 1, 4},
                                         Case{"beyondTheImage", 1, 4, 8, 3, 2, 3, 2, 3}, Case{"onePixel", 2, 9, 16, 1, 1, 3, 1, 1},
                                         Case{"manyChannels", 2, 160, 160, 9, 9, 3, 1, 1}, Case{"manyTasks", 3, 8, 8, 64, 900, 3, 1, 1},
                                         Case{"head", 2, 32, 2, 24, 40, 1, 1, 0}, Case{"headOfOne", 1, 24, 1, 17, 30, 3, 1, 1},
                                         Case{"byNeither", 2, 9, 12, 16, 16, 3, 1, 1}, Case{"byInputButStrides", 2, 8, 12, 16, 16, 3, 2, 1}),
                         [](const auto& of) { return std::string(of.param.name); });

TEST(ConvolutionThat, HasFrozenWeightsLetsTheInputLearn) {
  const Given g = given({"", 2, 8, 16, 12, 12, 3, 1, 1});
  const auto weight = g.weight.detach();
  convolution(g.x, weight, {}, g.steps, true).sum().backward();
  EXPECT_TRUE(g.x.grad().defined());
  EXPECT_FALSE(weight.grad().defined());
}

TEST(ConvolutionThat, LearnsNothingKeepsNothing) {
  const c10::NoGradGuard no_gradients;
  const Given g = given({"", 2, 8, 16, 12, 12, 3, 1, 1});
  EXPECT_FALSE(convolution(g.x, g.weight, g.bias, g.steps, true).requires_grad());
}

}  // namespace
