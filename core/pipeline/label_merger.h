// One class a window -> a polygon a window.
#pragma once

#include <vector>

#include "core/pipeline/area.h"
#include "core/pipeline/merger.h"

namespace fair::pipeline {

/// Holds nothing between windows. Every window with imagery gives a feature, also of the class that means "none here".
class LabelMerger final : public Merger {
 public:
  LabelMerger(const ScanPlan& plan, const stac::ModelSpec& model, const InferenceOptions& options)
      : plan_(plan), model_(model), options_(options), area_(plan, options.area) {}
  Result<> add(std::int64_t window, const plugin::PostResult& result, std::int64_t within, const std::vector<std::uint8_t>& valid) override;
  Result<> finish() override { return {}; }
  std::vector<vector::Feature> take() override;

 private:
  const ScanPlan& plan_;
  const stac::ModelSpec& model_;
  const InferenceOptions& options_;
  Area area_;
  std::vector<vector::Feature> ready_;
};

}  // namespace fair::pipeline
