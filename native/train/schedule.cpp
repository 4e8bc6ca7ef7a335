#include "native/train/schedule.h"

#include <algorithm>
#include <cmath>

namespace fair::train {

double Schedule::progress(std::int64_t step, double elapsed) const {
  return budget_ > 0 ? std::min(1.0, elapsed / budget_)
                     : std::min(1.0, static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(steps_, 1)));
}

double Schedule::rate(std::int64_t step, double elapsed) const {
  // The first steps are short ones: random weights and empty moments make wild gradients.
  const double warm = std::max(1.0, std::min(100.0, 0.1 * static_cast<double>(steps_)));
  const double up = std::min(1.0, static_cast<double>(step + 1) / warm);
  const double down = cosine_ ? 0.5 + 0.5 * std::cos(3.14159265358979323846 * progress(step, elapsed)) : 1.0;
  return learning_rate_ * up * down;
}

}  // namespace fair::train
