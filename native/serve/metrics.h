// Counts in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/, 0.0.4).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace fair::serve {

/// What was answered, by route and status, and how long it took.
class RequestMetrics {
 public:
  /// `route` is a pattern, never a client's own path: their number must stay small.
  void count(const std::string& method, const std::string& route, int status, double seconds);
  [[nodiscard]] std::string text() const;

 private:
  static constexpr std::array<double, 13> bounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300};
  struct Durations {
    std::array<std::uint64_t, bounds.size()> buckets{};
    std::uint64_t count = 0;
    double sum = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::map<int, std::uint64_t>> requests_;
  std::map<std::string, Durations> durations_;
};

/// One metric of one value, with its help and type lines; `labels` such as {outcome="done"} or "".
[[nodiscard]] std::string metric_head(const std::string& name, const std::string& type, const std::string& help);
[[nodiscard]] std::string metric_line(const std::string& name, const std::string& labels, double value);

}  // namespace fair::serve
