// What becomes of a window's result: one implementation for each kind of result a plugin gives.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/error.h"
#include "core/pipeline/scan_plan.h"
#include "core/plugin/model_plugin.h"
#include "core/vector/geometry.h"

namespace fair::pipeline {

/// Takes windows in the plan's order (some may be left out: no imagery) and gives features of the whole grid.
class Merger {
 public:
  virtual ~Merger() = default;
  /// `within` is the window's place in the batch that `result` is of; `valid` is upright, empty when every pixel is imagery.
  virtual Result<> add(std::int64_t window, const plugin::PostResult& result, std::int64_t within, const std::vector<std::uint8_t>& valid) = 0;
  /// No window will come any more.
  virtual Result<> finish() = 0;
  /// Features finished since the last call.
  [[nodiscard]] virtual std::vector<vector::Feature> take() = 0;
};

}  // namespace fair::pipeline
