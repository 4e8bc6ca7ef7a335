// Neighbouring windows of one class -> one polygon.
#pragma once

#include <cstdint>
#include <vector>

#include "core/pipeline/label_decision.h"
#include "core/pipeline/scan_plan.h"
#include "core/vector/geometry.h"
#include "core/vector/polygonize.h"

namespace fair::pipeline {

/// Windows that share a side and a class become one feature, its confidence their mean. Holds the shapes that later strips may still reach.
class LabelUnion {
 public:
  LabelUnion(const ScanPlan& plan, const stac::ModelSpec& model, const InferenceOptions& options);

  /// Windows in the plan's order, those without a class left out.
  void add(ScanPlan::Step step, const LabelDecision& label);
  void finish();
  [[nodiscard]] std::vector<vector::Feature> take();

 private:
  void close_strips(std::int64_t until);
  void emit(vector::Shape&& shape);

  const ScanPlan& plan_;
  const stac::ModelSpec& model_;
  const InferenceOptions& options_;
  std::vector<std::uint8_t> classes_;   ///< of the strip: index of the class + 1, 0 for none
  std::vector<std::uint16_t> certain_;  ///< their confidence in 1/65535
  std::int64_t strip_ = 0;
  std::vector<vector::Feature> ready_;
  vector::Polygonizer polygonizer_;
};

}  // namespace fair::pipeline
