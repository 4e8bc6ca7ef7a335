// Shards of one grid put together: features as if one had seen all of it.
#pragma once

#include <memory>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/pipeline/inference.h"

namespace fair::pipeline {

/// Takes the shards' rows or windows, from the first share to the last, and gives what Inference would have given for the whole grid: shapes that
/// lie across shares are one, ids and order are the same.
class ShardMerger {
 public:
  /// As Inference::create was asked, with the plugin's description instead of the plugin.
  [[nodiscard]] static Result<ShardMerger> create(const stac::ModelSpec& model, const Json& description, const geo::BlockGrid& grid,
                                                  const InferenceOptions& options);
  ShardMerger(ShardMerger&&) noexcept;
  ShardMerger& operator=(ShardMerger&&) noexcept;
  ~ShardMerger();

  /// Rows that no share gave were without imagery. Code::invalid where rows come twice, out of order or of another width.
  Result<> rows(std::int64_t first, std::int32_t count, std::size_t width, const std::uint8_t* mask, const std::uint16_t* scores,
                const std::uint16_t* borders);
  /// A window's boxes or label, alone in its result. Code::invalid where windows come out of order.
  Result<> window(std::int64_t window, const plugin::PostResult& result, const std::vector<std::uint8_t>& valid);
  Result<> finish();
  [[nodiscard]] std::vector<vector::Feature> take();

 private:
  struct State;
  explicit ShardMerger(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fair::pipeline
