// Scores -> one class a pixel.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/error.h"
#include "core/stac/model_spec.h"

namespace fair::pipeline {

/// A probability in 1/65535; what is no number is 0.
[[nodiscard]] std::uint16_t quantised(float probability);

/// Which class wins a pixel. With one foreground class its own probability decides: at the threshold or above it is that class (the larger of
/// two probabilities is never below 0.5, so a threshold on the maximum would filter nothing). With several the most probable class wins, the
/// first of equals, and is background when it is below the threshold. Classes below `min_class_value` are background.
class Decision {
 public:
  /// `channels` are the planes of scores that stand for classes. A single plane is the only foreground class of one or two.
  [[nodiscard]] static Result<Decision> create(const std::vector<stac::Class>& classes, std::int32_t channels, std::int32_t min_class_value,
                                               double threshold);

  /// The planes that have to be known, in the order `row` takes them.
  [[nodiscard]] const std::vector<std::int32_t>& planes() const { return planes_; }
  /// Decides `n` pixels: class values and the winner's probability in 1/65535 (0 for background). `valid` 0 is background.
  void row(const float* const* planes, const std::uint8_t* valid, std::size_t n, std::uint8_t* mask, std::uint16_t* scores) const;

 private:
  std::vector<std::int32_t> planes_;
  std::vector<std::uint8_t> values_;  ///< per plane; 0 is background
  std::uint16_t threshold_ = 0;
};

}  // namespace fair::pipeline
