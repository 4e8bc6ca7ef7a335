// Probabilities of a whole window -> its class.
#pragma once

#include <cstddef>
#include <optional>

#include "core/base/error.h"

namespace fair::pipeline {

struct LabelDecision {
  std::size_t index = 0;  ///< of the item's classes
  double confidence = 0;  ///< the class's probability
};

/// Of two classes the second one's probability decides: at the threshold or above it is that class, below the first. Of more the most probable one,
/// the first of equals, or none where it is below the threshold. `values` holds a probability a class, or the second one's alone.
[[nodiscard]] Result<std::optional<LabelDecision>> decide_label(const float* values, std::size_t count, std::size_t classes, double threshold);

}  // namespace fair::pipeline
