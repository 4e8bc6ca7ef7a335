// Scores of boxes: average precision as COCO counts it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/detect/nms.h"

namespace fair::metrics {

/// Gathers images' boxes, true and predicted. Within an image and a class the surest prediction chooses first, among the true boxes that are left
/// the one it overlaps most, if that is at least the IoU asked for. Average precision is the mean of the best precision at or beyond 101 recalls.
class Detections {
 public:
  static constexpr std::size_t thresholds = 10;  ///< IoU 0.50, 0.55 … 0.95

  /// Labels of boxes are 0 … classes-1; others are counted nowhere.
  explicit Detections(std::size_t classes) : classes_(classes), truths_(classes, 0) {}

  /// One image. `truth`'s confidences do not matter.
  void add(const std::vector<detect::Box>& truth, const std::vector<detect::Box>& predicted);

  /// At one IoU threshold (by index), the mean over the classes that occur; 0 where none does.
  [[nodiscard]] double average_precision(std::size_t threshold) const;
  [[nodiscard]] double map50() const { return average_precision(0); }
  [[nodiscard]] double map50_95() const;

  /// At IoU 0.50, all classes together, with the confidence that gives the best F1.
  struct Best {
    double precision = 0, recall = 0, f1 = 0, confidence = 0;
  };
  [[nodiscard]] Best best() const;

  /// fair:map50, fair:map50_95, fair:precision, fair:recall, fair:f1 and the confidence of the three, and fair:per_class_map50 {name: AP or null}.
  [[nodiscard]] Json to_json(const std::vector<std::string>& names) const;

 private:
  struct Prediction {
    float confidence;
    std::int32_t label;
    std::array<bool, thresholds> right;
  };
  /// NaN for a class without true boxes.
  [[nodiscard]] double average_precision(std::size_t threshold, std::int32_t label) const;
  [[nodiscard]] std::vector<const Prediction*> surest_first(std::int32_t label) const;

  std::size_t classes_;
  std::vector<std::int64_t> truths_;  ///< a class
  std::vector<Prediction> predictions_;
};

/// What an item's fair:metrics_spec asks for and `metrics` lacks, filled in by the entry's name: "mAP50" of whatever key is fair:map50. An entry of
/// fAIr's own names whose value goes by another key in the published items (fair:accuracy named mAP50) gets it under that key.
[[nodiscard]] Json fill_by_name(Json metrics, const Json& metrics_spec);

}  // namespace fair::metrics
