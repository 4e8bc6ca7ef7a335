// A slowly following average of a model's tensors.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "native/train/program.h"

namespace fair::train {

/// Of all weights and statistics: what is validated and kept. Noise of the last steps averages out of it. Shares the tensors it follows.
/// Every call is made under a NoGradGuard.
class WeightAverage {
 public:
  /// `decay`: which share of the average a step keeps, once there have been many.
  WeightAverage(std::vector<NamedTensor> tensors, double decay);

  /// Takes up the tensors as they are after a step (counted from 0).
  void follow(std::int64_t step);
  /// Exchanges the average with the tensors; twice is as before.
  void swap();
  /// For a checkpoint: every tensor's average, named NAME/average.
  [[nodiscard]] std::vector<NamedTensor> state() const;

 private:
  std::vector<NamedTensor> tensors_;
  std::vector<at::Tensor> shadow_;
  double decay_;
};

}  // namespace fair::train
