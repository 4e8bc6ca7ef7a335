// One class a window -> a polygon a window, or one for all neighbours of a class.
#pragma once

#include <optional>
#include <vector>

#include "core/pipeline/area.h"
#include "core/pipeline/label_union.h"
#include "core/pipeline/merger.h"

namespace fair::pipeline {

/// Every window with imagery gives a feature, also of the class that means "none here"; nothing is held between windows unless neighbours are merged.
class LabelMerger final : public Merger {
 public:
  LabelMerger(const ScanPlan& plan, const stac::ModelSpec& model, const InferenceOptions& options);
  Result<> add(std::int64_t window, const plugin::PostResult& result, std::int64_t within, const std::vector<std::uint8_t>& valid) override;
  Result<> finish() override;
  std::vector<vector::Feature> take() override;

 private:
  const ScanPlan& plan_;
  const stac::ModelSpec& model_;
  const InferenceOptions& options_;
  Area area_;
  std::optional<LabelUnion> union_;  ///< where neighbours are merged
  std::vector<vector::Feature> ready_;
};

}  // namespace fair::pipeline
