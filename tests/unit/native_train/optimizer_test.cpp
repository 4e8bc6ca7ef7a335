// Muon beside what it is defined by. AdamW and SGD are held by the recorded traces.
#include "native/train/optimizer.h"

#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "native/train/orthogonal.h"

namespace {

using namespace fair;

train::NamedTensor parameter(const char* name, at::IntArrayRef shape) { return {name, at::randn(shape, at::kDouble).requires_grad_(true)}; }

/// By singular values: what the iteration does to each of them.
at::Tensor by_singular_values(const at::Tensor& matrix) {
  const auto [u, s, v] = at::linalg_svd(matrix, false);
  at::Tensor x = s / (s.norm() + 1e-7);
  for (int i = 0; i < 5; ++i) x = 3.4445 * x - 4.7750 * x.pow(3) + 2.0315 * x.pow(5);
  return u.mm(at::diag(x)).mm(v);
}

TEST(Orthogonal, KeepsDirectionsAndLevelsSizes) {
  at::manual_seed(1);
  for (const auto& [rows, columns] : {std::pair{20, 50}, std::pair{50, 20}, std::pair{32, 32}}) {
    const at::Tensor matrix = at::randn({rows, columns}, at::kDouble) * at::logspace(-1, 1, columns, 10, at::kDouble);
    const at::Tensor got = train::orthogonal(matrix), want = by_singular_values(matrix);
    EXPECT_LE((got - want).abs().max().item<double>(), 1e-9) << rows << " x " << columns;
    EXPECT_LE((train::orthogonal(matrix.to(at::kFloat)) - want).abs().max().item<double>(), 1e-3) << rows << " x " << columns;
  }
  const at::Tensor sizes = std::get<1>(at::linalg_svd(train::orthogonal(at::randn({20, 50}, at::kDouble)), false));
  EXPECT_GT(sizes.min().item<double>(), 0.6);
  EXPECT_LT(sizes.max().item<double>(), 1.25);
  EXPECT_EQ(train::orthogonal(at::zeros({16, 16})).abs().max().item<double>(), 0.0);
}

TEST(Muon, MovesMatricesByTheOrthogonalPartOfTheirMomentumAndTheRestAsAdamW) {
  at::manual_seed(2);
  const std::vector<std::vector<std::int64_t>> shapes{{16, 4, 3, 3}, {40, 16}, {16, 3, 1, 1}, {2, 32}, {16}};
  std::vector<train::NamedTensor> ours, theirs;
  std::vector<at::Tensor> start, momentum;
  for (const auto& shape : shapes) {
    ours.push_back(parameter("p", shape));
    theirs.push_back({"p", ours.back().value.detach().clone().requires_grad_(true)});
    start.push_back(ours.back().value.detach().clone());
    momentum.push_back(at::zeros(shape, at::kDouble));
  }
  // As a network for images has them in memory.
  ours[0].value = ours[0].value.detach().contiguous(at::MemoryFormat::ChannelsLast).requires_grad_(true);
  auto muon = *train::OptimizerOptions::from("muon"), adamw = *train::OptimizerOptions::from("AdamW");
  muon.weight_decay = adamw.weight_decay = 0.1;
  train::Optimizer optimizer(ours, muon), other(theirs, adamw);
  constexpr double rate = 0.01;
  for (int step = 0; step < 3; ++step) {
    for (std::size_t i = 0; i < ours.size(); ++i) {
      const at::Tensor gradient = at::randn(shapes[i], at::kDouble);
      ours[i].value.mutable_grad() = gradient.clone();
      theirs[i].value.mutable_grad() = gradient.clone();
      // As torch.optim.Muon: a running mean, and a look ahead of it.
      momentum[i] = momentum[i] * 0.95 + gradient * 0.05;
      const at::Tensor ahead = (gradient * 0.05 + momentum[i] * 0.95).reshape({shapes[i][0], -1});
      const double size = 0.2 * std::sqrt(static_cast<double>(std::max(ahead.size(0), ahead.size(1))));
      if (i < 2) start[i] = start[i] * (1 - rate * 0.1) - by_singular_values(ahead).reshape(shapes[i]) * size * rate;
    }
    optimizer.step(rate);
    other.step(rate);
  }
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const at::Tensor want = i < 2 ? start[i] : theirs[i].value.detach();
    EXPECT_LE((ours[i].value.detach() - want).abs().max().item<double>(), 1e-6) << i;
  }
  std::size_t kept = 0;
  for (const auto& tensor : optimizer.state()) kept += tensor.name == "p/second" ? 1 : 0;
  EXPECT_EQ(kept, 3U);  // of those that AdamW moves
}

}  // namespace
