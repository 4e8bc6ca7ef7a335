// Scores of whole chips: which were called what they are.
#pragma once

#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/metrics/confusion.h"

namespace fair::metrics {

/// Of two classes the second is the positive one. Of more, precision, recall and F1 are means over the classes that occur (macro averages).
class ClassificationScores {
 public:
  explicit ClassificationScores(Confusion confusion) : confusion_(std::move(confusion)) {}

  /// 0 where nothing was called positive, or nothing is.
  [[nodiscard]] double precision() const;
  [[nodiscard]] double recall() const;
  [[nodiscard]] double f1() const;
  [[nodiscard]] const Confusion& confusion() const { return confusion_; }

  /// fair:accuracy, fair:precision, fair:recall, fair:f1, fair:confusion (rows are true classes), fair:per_class_scores.
  [[nodiscard]] Json to_json(const std::vector<std::string>& names) const;

 private:
  template <class Of>
  [[nodiscard]] double over_classes(Of of) const;

  Confusion confusion_;
};

}  // namespace fair::metrics
