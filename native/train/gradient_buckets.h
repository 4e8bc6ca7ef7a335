// Gradients added up over the ranks while the backward pass still runs, some megabytes at a time, as PyTorch's DistributedDataParallel does.
#pragma once

#include <memory>
#include <vector>

#include "native/train/program.h"
#include "native/train/rank_group.h"

namespace fair::train {

/// Watches the parameters' gradients for as long as it lives. A bucket is on its way as soon as its last gradient is there and the buckets before it
/// are on theirs. The first step finds the order in which gradients come; the buckets of all further ones follow it.
class GradientBuckets {
 public:
  /// `share`: this rank's of the batch, by which its gradients count (BatchPart::share).
  GradientBuckets(const std::vector<NamedTensor>& parameters, std::shared_ptr<RankGroup> group, double share);
  ~GradientBuckets();
  GradientBuckets(const GradientBuckets&) = delete;
  GradientBuckets& operator=(const GradientBuckets&) = delete;

  /// After every backward pass: waits for what is on its way. Gradients are then the batch's, the same bits on every rank; a parameter that no rank
  /// has a gradient of has none. Throws RankLost.
  void finish();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace fair::train
