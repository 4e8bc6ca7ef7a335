// AdamW, Adam and SGD as PyTorch defines them, each step one pass over memory.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "core/base/error.h"
#include "native/train/program.h"

namespace fair::train {

struct OptimizerOptions {
  enum class Kind { adamw, adam, sgd } kind = Kind::adamw;
  double weight_decay = 0;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;  ///< AdamW, Adam
  double momentum = 0.9;                              ///< SGD
  bool decay_vectors = true;                          ///< false: biases and normalisations, all of one axis, have no weight decay

  /// "AdamW", "Adam" or "SGD" in any case.
  [[nodiscard]] static Result<OptimizerOptions> from(const std::string& name);
};

/// Holds its moments beside the parameters. Parameters without a gradient are passed over, as PyTorch does.
class Optimizer {
 public:
  Optimizer(std::vector<NamedTensor> parameters, const OptimizerOptions& options);

  /// The next step sees all gradients scaled so that their common 2-norm is at most `most`; returns the norm. 0 only measures. The gradients
  /// themselves stay as they are: scaling them on the way saves a pass over memory.
  double clip(double most);
  /// Uses the gradients and drops them, so that the next backward pass can hand its own over without adding.
  void step(double learning_rate);

  [[nodiscard]] std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }
  /// Moments under "<parameter>/first" and "<parameter>/second": what a checkpoint keeps.
  [[nodiscard]] std::vector<NamedTensor> state() const;

 private:
  [[nodiscard]] double decay_of(const at::Tensor& p) const;
  void step_on_cpu(at::Tensor& p, const at::Tensor& g, at::Tensor& first, at::Tensor& second, double learning_rate) const;
  void step_anywhere(at::Tensor& p, at::Tensor g, at::Tensor& first, at::Tensor& second, double learning_rate) const;

  std::vector<NamedTensor> parameters_;
  std::vector<at::Tensor> first_, second_;
  OptimizerOptions options_;
  std::int64_t steps_ = 0;
  double scale_ = 1.0;  ///< of the gradients in the next step
};

}  // namespace fair::train
