#include "native/train/batch_norm.h"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "native/train/operators.h"

namespace {

using namespace fair::train;

struct Given {
  at::Tensor x, scale, shift, mean, variance;
};

Given given(std::int64_t n, std::int64_t channels, std::int64_t size, double centre) {
  at::manual_seed(3);
  Given g{(at::randn({n, channels, size, size}) + centre).contiguous(at::MemoryFormat::ChannelsLast), at::rand({channels}) + 0.5,
          at::randn({channels}), at::randn({channels}), at::rand({channels}) + 0.5};
  for (auto* t : {&g.x, &g.scale, &g.shift}) t->set_requires_grad(true);
  return g;
}

class Against : public testing::TestWithParam<std::tuple<int, Activation>> {};

TEST_P(Against, LibTorchInFloat64) {
  const auto [channels, activation] = GetParam();
  for (const double centre : {0.0, 50.0}) {
    auto g = given(3, channels, 37, centre);
    std::vector<at::Tensor> wide;
    for (const auto* t : {&g.x, &g.scale, &g.shift}) wide.push_back(t->detach().to(at::kDouble).set_requires_grad(true));
    auto mean = g.mean.to(at::kDouble);
    auto variance = g.variance.to(at::kDouble);
    auto want = at::batch_norm(wide[0], wide[1], wide[2], mean, variance, true, 0.1, 1e-5, false);
    if (activation == Activation::relu) want = at::relu(want);
    if (activation == Activation::silu) want = at::silu(want);
    BatchNormOptions options;
    options.training = true;
    options.activation = activation;
    const auto got = batch_norm(g.x, g.scale, g.shift, g.mean, g.variance, options);
    const double tolerance = centre == 0.0 ? 1e-5 : 5e-4;  // float32 holds 50.0 + noise to six digits
    EXPECT_LE((got - want).abs().max().item<double>(), tolerance);
    EXPECT_LE((g.mean - mean).abs().max().item<double>(), 1e-5);
    EXPECT_LE((g.variance - variance).abs().max().item<double>(), 1e-5);

    const auto weights = at::randn(want.sizes());
    (got * weights).sum().backward();
    (want * weights).sum().backward();
    const std::vector<at::Tensor> learned{g.x.grad(), g.scale.grad(), g.shift.grad()};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto exact = wide[i].grad();
      EXPECT_LE((learned[i] - exact).abs().max().item<double>() / exact.abs().max().item<double>(), centre == 0.0 ? 2e-5 : 5e-3) << i;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(BatchNorm, Against,
                         testing::Combine(testing::Values(2, 16, 33), testing::Values(Activation::none, Activation::relu, Activation::silu)));

TEST(BatchNorm, DoesNotDependOnTheNumberOfThreads) {
  BatchNormOptions options;
  options.training = true;
  for (const auto activation : {Activation::relu, Activation::silu}) {
    options.activation = activation;
    std::vector<at::Tensor> results;
    for (const int threads : {1, 2}) {
      at::set_num_threads(threads);
      auto g = given(4, 24, 64, 0.0);
      const auto y = batch_norm(g.x, g.scale, g.shift, g.mean, g.variance, options);
      y.square().sum().backward();
      results.push_back(at::cat({y.detach().flatten(), g.x.grad().flatten(), g.mean, g.variance}));
    }
    EXPECT_TRUE(at::equal(results[0], results[1]));
  }
}

TEST(BatchNorm, HoldsFarFromZero) {
  auto g = given(2, 8, 5, 0.0);
  {
    const c10::NoGradGuard no_gradients;
    g.scale.mul_(400.0);
  }
  BatchNormOptions options;
  options.training = true;
  options.activation = Activation::silu;
  const auto want = at::silu(at::batch_norm(g.x, g.scale, g.shift, g.mean.clone(), g.variance.clone(), true, 0.1, 1e-5, false));
  const auto got = batch_norm(g.x, g.scale, g.shift, g.mean, g.variance, options);
  EXPECT_TRUE(at::allclose(got, want, 1e-5, 1e-4));
  got.sum().backward();
  EXPECT_TRUE(g.x.grad().isfinite().all().item<bool>());
}

TEST(BatchNorm, WithoutLearningUsesRunningStatistics) {
  auto g = given(2, 16, 9, 0.0);
  const c10::NoGradGuard no_gradients;
  const auto mean = g.mean.clone();
  const auto want = at::relu(at::batch_norm(g.x, g.scale, g.shift, g.mean, g.variance, false, 0.1, 1e-5, false));
  BatchNormOptions options;
  options.activation = Activation::relu;
  EXPECT_LE((batch_norm(g.x, g.scale, g.shift, g.mean, g.variance, options) - want).abs().max().item<double>(), 1e-5);
  EXPECT_TRUE(at::equal(mean, g.mean));
}

}  // namespace
