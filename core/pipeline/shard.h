// One share of a grid's windows, done elsewhere: what merging needs of it, before anything becomes a feature.
#pragma once

#include <cstdint>
#include <vector>

#include "core/plugin/model_plugin.h"

namespace fair::pipeline {

/// Takes what the windows of one share found.
class ShardSink {
 public:
  virtual ~ShardSink() = default;
  /// Of a model that scores pixels: rows of the finished mask the way strips run, as vector::Vectorizer::push takes them; `borders` null where there
  /// are none.
  virtual Result<> rows(std::int64_t first, std::int32_t count, std::size_t width, const std::uint8_t* mask, const std::uint16_t* scores,
                        const std::uint16_t* borders) = 0;
  /// Of others: what Merger::add takes.
  virtual Result<> window(std::int64_t window, const plugin::PostResult& result, std::int64_t within, const std::vector<std::uint8_t>& valid) = 0;
};

/// Share `index` of `count` of a grid's windows: whole strips, next to each other. A share also runs the strips before its own that overlap them, so
/// that its first rows are the same bits as if all had been run.
struct Shard {
  std::int64_t index = 0, count = 1;
  ShardSink* sink = nullptr;  ///< null: all windows, and features

  struct Strips {
    std::int64_t first = 0, last = 0;
  };
  [[nodiscard]] Strips of(std::int64_t strips) const { return {strips * index / count, strips * (index + 1) / count}; }
};

}  // namespace fair::pipeline
