// Pixel scores of a segmentation: how often which class was taken for which.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/json.h"

namespace fair::metrics {

/// Counts pixels by (true class, predicted class); adds up over chips in any order to the same numbers.
class Confusion {
 public:
  static constexpr std::uint8_t ignore = 255;  ///< a true value that is not counted

  /// Classes are 0 … classes-1. Values outside are counted nowhere.
  explicit Confusion(std::size_t classes);

  void add(const std::uint8_t* truth, const std::uint8_t* predicted, std::size_t pixels);
  void add(const Confusion& other);

  [[nodiscard]] std::size_t classes() const { return classes_; }
  [[nodiscard]] std::int64_t count(std::size_t truth, std::size_t predicted) const { return counts_[truth * classes_ + predicted]; }
  [[nodiscard]] std::int64_t total() const;

  /// Share of pixels that are right; 0 where nothing was counted.
  [[nodiscard]] double accuracy() const;
  /// Intersection over union of a class; NaN for a class that is in neither.
  [[nodiscard]] double iou(std::size_t cls) const;
  /// Mean over the classes that occur.
  [[nodiscard]] double mean_iou() const;
  [[nodiscard]] double precision(std::size_t cls) const;
  [[nodiscard]] double recall(std::size_t cls) const;
  [[nodiscard]] double f1(std::size_t cls) const;

  /// Under fAIr's keys: fair:accuracy, fair:mean_iou, fair:per_class_iou {class name: IoU or null}, and per class precision, recall, F1.
  [[nodiscard]] Json to_json(const std::vector<std::string>& names) const;

 private:
  [[nodiscard]] std::int64_t of_truth(std::size_t cls) const;
  [[nodiscard]] std::int64_t of_prediction(std::size_t cls) const;

  std::size_t classes_;
  std::vector<std::int64_t> counts_;
};

}  // namespace fair::metrics
