#include "core/pipeline/label_decision.h"

#include <algorithm>
#include <string>

namespace fair::pipeline {

Result<std::optional<LabelDecision>> decide_label(const float* values, std::size_t count, std::size_t classes, double threshold) {
  if (classes == 2 && (count == 1 || count == 2)) {
    const double positive = values[count - 1];
    const bool is = positive >= threshold;
    return std::optional(LabelDecision{is ? 1U : 0U, is ? positive : 1 - positive});
  }
  if (count != classes || count == 0) {
    return fail(Code::incompatible, "model output", "one probability for each of the item's " + std::to_string(classes) + " classes",
                std::to_string(count), "correct classification:classes in the item");
  }
  const auto best = static_cast<std::size_t>(std::max_element(values, values + count) - values);
  if (values[best] < threshold) return std::optional<LabelDecision>();
  return std::optional(LabelDecision{best, values[best]});
}

}  // namespace fair::pipeline
