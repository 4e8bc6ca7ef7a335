#include "native/train/schedule.h"

#include <algorithm>
#include <cmath>

namespace fair::train {

double Schedule::progress(std::int64_t step, double elapsed) const {
  const double by_steps = steps_ > 0 ? static_cast<double>(step) / static_cast<double>(steps_) : 0.0;
  const double by_clock = budget_ > 0 ? elapsed / budget_ : 0.0;
  return std::min(1.0, std::max(by_steps, by_clock));
}

double Schedule::rate(std::int64_t step, double elapsed) const {
  // The first steps are short ones: random weights and empty moments make wild gradients.
  const double up = std::min(1.0, static_cast<double>(step + 1) / static_cast<double>(std::max<std::int64_t>(warm_up_, 1)));
  const double down = cosine_ ? 0.5 + 0.5 * std::cos(3.14159265358979323846 * progress(step, elapsed)) : 1.0;
  return learning_rate_ * up * down;
}

}  // namespace fair::train
