// Boxes of overlapping windows -> one box a thing.
#pragma once

#include <memory>
#include <vector>

#include "core/detect/nms.h"
#include "core/pipeline/area.h"
#include "core/pipeline/merger.h"

namespace fair::pipeline {

/// Holds the boxes that later windows may still outdo. Rows are [window, x0, y0, x1, y1, confidence, class index].
class BoxMerger final : public Merger {
 public:
  BoxMerger(const ScanPlan& plan, const stac::ModelSpec& model, const InferenceOptions& options);
  Result<> add(std::int64_t window, const plugin::PostResult& result, std::int64_t within, const std::vector<std::uint8_t>& valid) override;
  Result<> finish() override;
  std::vector<vector::Feature> take() override;

 private:
  void emit(const std::vector<detect::Box>& boxes);

  const ScanPlan& plan_;
  const stac::ModelSpec& model_;
  const InferenceOptions& options_;
  Area area_;
  detect::StreamingSuppression suppression_;  ///< x runs along the strip, y from strip to strip
  std::int64_t strip_ = 0;
  std::vector<vector::Feature> ready_;
};

}  // namespace fair::pipeline
