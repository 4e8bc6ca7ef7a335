// Batch normalisation by the statistics of all ranks' samples, as PyTorch's SyncBatchNorm.
#pragma once

#include <ATen/ATen.h>

#include "native/train/batch_norm.h"
#include "native/train/rank_group.h"

namespace fair::train {

/// What batch_norm() in training would give for the samples of all ranks at once, of which `x` is this rank's part; running statistics move by all of
/// them too. Ranks' parts of the batch must be of one size. A sum over the ranks in the forward pass, and one in the backward pass.
[[nodiscard]] at::Tensor sync_batch_norm(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, const at::Tensor& running_mean,
                                         const at::Tensor& running_var, const BatchNormOptions& options, RankGroup& group);

}  // namespace fair::train
