// The ranks of a training joined: what they say to each other. Gloo on processors, NCCL where every rank has a GPU of its own.
#pragma once

#include <ATen/ATen.h>

#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "native/train/rank.h"

namespace fair::train {

/// Another rank is gone, or silent for too long.
struct RankLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// How a rank meets the others.
struct RankMeeting {
  at::Device device = at::kCPU;
  Json facts;                                   ///< what must be the same on all ranks, by what people call it
  std::function<void(const std::string&)> say;  ///< hears every half minute what is waited for; may be null
  const std::atomic<bool>* stop = nullptr;      ///< set: stops waiting with Code::cancelled
};

/// All ranks make the same calls in the same order. Every call may throw RankLost.
class RankGroup {
 public:
  /// A sum on its way.
  class Sum {
   public:
    virtual ~Sum() = default;
    /// Waits for it. `what` completes "waits for …".
    virtual void finish(const char* what) = 0;
  };

  virtual ~RankGroup() = default;

  /// Waits for all ranks, Rank::patience seconds at most. Code::io names those that did not come; Code::incompatible the first fact in which a rank
  /// differs from rank 0; Code::unsupported where this LibTorch has no Gloo.
  [[nodiscard]] static Result<std::shared_ptr<RankGroup>> join(const Rank& rank, const RankMeeting& meeting);

  [[nodiscard]] virtual const Rank& rank() const = 0;
  /// Begins to add `tensor`, dense, up over all ranks, in place; it must not be touched until that is finished.
  [[nodiscard]] virtual std::unique_ptr<Sum> begin_sum(const at::Tensor& tensor) = 0;
  void sum(const at::Tensor& tensor, const char* what) { begin_sum(tensor)->finish(what); }
  /// Gives every rank the values that rank 0 has.
  virtual void spread(const std::vector<at::Tensor>& tensors, const char* what) = 0;
  [[nodiscard]] virtual std::string spread(const std::string& text, const char* what) = 0;
};

}  // namespace fair::train
