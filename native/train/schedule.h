// The course of the learning rate, and when training is over.
#pragma once

#include <cstdint>
#include <string>

namespace fair::train {

/// By steps, or by the clock where there is a time budget: the cosine then ends when the time does.
class Schedule {
 public:
  Schedule(double learning_rate, bool cosine, std::int64_t steps, double budget_seconds)
      : learning_rate_(learning_rate), cosine_(cosine), steps_(steps), budget_(budget_seconds) {}

  /// In [0, 1].
  [[nodiscard]] double progress(std::int64_t step, double elapsed) const;
  [[nodiscard]] double rate(std::int64_t step, double elapsed) const;
  [[nodiscard]] bool over(std::int64_t step, double elapsed) const { return progress(step, elapsed) >= 1.0; }

 private:
  double learning_rate_;
  bool cosine_;
  std::int64_t steps_;
  double budget_;
};

}  // namespace fair::train
