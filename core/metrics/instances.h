// Scores of things one by one: which predicted building is which true one.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/json.h"

namespace fair::metrics {

/// Counts matches between true and predicted things, each given as an id a pixel (0 = none). Adds up over chips.
/// A pair matches when its intersection over union is at least the threshold, best pairs first, each thing in one pair at most.
class InstanceMatches {
 public:
  explicit InstanceMatches(double iou_threshold = 0.5) : threshold_(iou_threshold) {}

  /// One image's ids, `pixels` long. Ids are any non-negative numbers. `ignore`, if given, marks pixels (non-zero) that count for neither.
  void add(const std::int32_t* truth, const std::int32_t* predicted, std::size_t pixels, const std::uint8_t* ignore = nullptr);

  [[nodiscard]] std::int64_t matched() const { return matched_; }
  [[nodiscard]] std::int64_t missed() const { return missed_; }      ///< true things without a match
  [[nodiscard]] std::int64_t invented() const { return invented_; }  ///< predicted things without a match
  [[nodiscard]] double precision() const;                            ///< 0 where nothing was predicted
  [[nodiscard]] double recall() const;                               ///< 0 where nothing was there
  [[nodiscard]] double f1() const;
  /// Mean IoU of the matched pairs; 0 without any.
  [[nodiscard]] double matched_iou() const;

  /// fair:instance_precision, fair:instance_recall, fair:instance_f1, fair:instance_iou and the counts.
  [[nodiscard]] Json to_json() const;

 private:
  double threshold_;
  std::int64_t matched_ = 0, missed_ = 0, invented_ = 0;
  double iou_sum_ = 0;
};

}  // namespace fair::metrics
