// The one figure of a model's metrics that people compare.
#pragma once

#include <optional>
#include <string>

#include "core/base/json.h"

namespace fair::metrics {

struct Headline {
  std::string words;  ///< "mean IoU", "mAP50", "F1"
  double value = 0;   ///< 0 … 1
};

/// Of polygons' IoU, mAP50, pixels' IoU and F1 the first that `metrics` holds as a number; nothing where it holds none.
[[nodiscard]] std::optional<Headline> headline(const Json& metrics);

}  // namespace fair::metrics
