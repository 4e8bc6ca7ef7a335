// Something that runs batches through a model: an ONNX Runtime session, or a stand-in.
#pragma once

#include <memory>
#include <vector>

#include "core/base/error.h"
#include "core/base/tensor.h"

namespace fair::infer {

/// One output of a run. `view` points into what `owner` keeps alive.
struct Output {
  TensorView view;
  std::shared_ptr<void> owner;
};

class Runner {
 public:
  virtual ~Runner() = default;
  /// Threads that may be in run() at a time.
  [[nodiscard]] virtual int lanes() const { return 1; }
  /// `input` is f32, C-contiguous, and stays the caller's. Outputs come in the graph's order, f32 (or i64 where the graph has integers).
  [[nodiscard]] virtual Result<std::vector<Output>> run(const TensorView& input) = 0;
};

}  // namespace fair::infer
