// The course of the learning rate, and when training is over.
#pragma once

#include <cstdint>
#include <string>

namespace fair::train {

/// By steps, by the clock, or by whichever of the two comes first; the cosine ends where training does.
class Schedule {
 public:
  /// steps, budget_seconds: 0 where that does not limit. One of them must.
  Schedule(double learning_rate, bool cosine, std::int64_t warm_up_steps, std::int64_t steps, double budget_seconds)
      : learning_rate_(learning_rate), cosine_(cosine), warm_up_(warm_up_steps), steps_(steps), budget_(budget_seconds) {}

  /// In [0, 1].
  [[nodiscard]] double progress(std::int64_t step, double elapsed) const;
  [[nodiscard]] double rate(std::int64_t step, double elapsed) const;
  [[nodiscard]] bool over(std::int64_t step, double elapsed) const { return progress(step, elapsed) >= 1.0; }

 private:
  double learning_rate_;
  bool cosine_;
  std::int64_t warm_up_, steps_;
  double budget_;
};

}  // namespace fair::train
