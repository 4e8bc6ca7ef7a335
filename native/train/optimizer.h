// AdamW, Adam and SGD as PyTorch defines them, each step one pass over memory; Muon.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "core/base/error.h"
#include "native/train/program.h"

namespace fair::train {

struct OptimizerOptions {
  enum class Kind { adamw, adam, sgd, muon } kind = Kind::adamw;
  double weight_decay = 0;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;  ///< AdamW, Adam
  double momentum = 0.9;                              ///< SGD, Muon
  bool decay_vectors = true;                          ///< false: biases and normalisations, all of one axis, have no weight decay

  /// Weight decay shrinks the weights themselves; else it is a part of their gradients.
  [[nodiscard]] bool decoupled() const { return kind == Kind::adamw || kind == Kind::muon; }
  /// "AdamW", "Adam", "SGD" or "Muon" in any case, with the momentum that is usual for it.
  [[nodiscard]] static Result<OptimizerOptions> from(const std::string& name);
};

/// Holds its moments beside the parameters. Parameters without a gradient are passed over, as PyTorch does.
///
/// Muon (Jordan et al. 2024) moves a matrix by the orthogonal part of its momentum (Nesterov's): all its directions as far as each other, not mostly
/// the few that gradients agree on. A convolution's weights are a matrix of its outputs by all they are made from. Updates are as large as AdamW's
/// usually are late in training (0.2 a value; Liu et al. 2025), as torch.optim.Muon has it with adjust_lr_fn="match_rms_adamw". What is no matrix of
/// at least 16 by 16 is moved by AdamW.
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
  [[nodiscard]] bool as_matrix(const at::Tensor& p) const;
  void step_matrices(const std::vector<std::size_t>& which, double learning_rate);
  void step_matrix(at::Tensor& p, const at::Tensor& g, at::Tensor& momentum, double learning_rate) const;
  void step_on_cpu(at::Tensor& p, const at::Tensor& g, at::Tensor& first, at::Tensor& second, double learning_rate) const;
  void step_anywhere(at::Tensor& p, at::Tensor g, at::Tensor& first, at::Tensor& second, double learning_rate) const;

  std::vector<NamedTensor> parameters_;
  std::vector<at::Tensor> first_, second_;  ///< second_ undefined where momentum is all there is
  OptimizerOptions options_;
  std::int64_t steps_ = 0;
  double scale_ = 1.0;  ///< of the gradients in the next step
};

}  // namespace fair::train
