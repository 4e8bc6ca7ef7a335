// Batch normalisation, with the ReLU or SiLU behind it, in one pass over channels-last memory on the CPU.
#pragma once

#include <ATen/ATen.h>

#include "native/train/batch_norm_loops.h"

namespace fair::train {

struct BatchNormOptions {
  bool training = false;  ///< batch statistics, which move the running ones by `momentum`
  double momentum = 0.1;  ///< PyTorch's: the share of the new statistics
  double epsilon = 1e-5;
  Activation activation = Activation::none;  ///< of the result
};

/// What at::batch_norm and at::relu or at::silu give, gradients included. float32 on the CPU laid out as NHWC takes loops of our own: half the
/// passes over memory, and sums in float64 (LibTorch 1.13 adds them up in float32 there, which costs three digits of the loss).
/// Everything else is handed to LibTorch. Results do not depend on the number of threads.
[[nodiscard]] at::Tensor batch_norm(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, const at::Tensor& running_mean,
                                    const at::Tensor& running_var, const BatchNormOptions& options);

}  // namespace fair::train
