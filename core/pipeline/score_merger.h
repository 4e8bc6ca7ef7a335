// Scores of overlapping windows -> blended -> classes -> polygons.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/pipeline/area.h"
#include "core/pipeline/decide.h"
#include "core/pipeline/merger.h"
#include "core/raster/blend.h"
#include "core/vector/vectorize.h"

namespace fair::pipeline {

/// As all that vectorises a plan's rows makes it.
[[nodiscard]] vector::Vectorizer vectorizer_of(const ScanPlan& plan, const stac::ModelSpec& model, const InferenceOptions& options);

/// Holds one strip of windows' scores and the shapes still open.
class ScoreMerger final : public Merger {
 public:
  /// `channels` are those that stand for classes; `borders`: behind them comes one more, how likely a pixel lies between two things.
  [[nodiscard]] static Result<std::unique_ptr<Merger>> create(const ScanPlan& plan, const stac::ModelSpec& model, const InferenceOptions& options,
                                                              std::int32_t channels, bool borders);
  Result<> add(std::int64_t window, const plugin::PostResult& result, std::int64_t within, const std::vector<std::uint8_t>& valid) override;
  Result<> finish() override;
  std::vector<vector::Feature> take() override { return vectorizer_.take(); }

 private:
  ScoreMerger(const ScanPlan& plan, Area area, Decision decision, std::int32_t border_plane, vector::Vectorizer vectorizer, const Shard& shard);
  /// Closes strips until strip b is the open one.
  Result<> open(std::int64_t b);
  /// Rows held, from the first one given.
  void quantise_borders(std::int32_t first, std::int32_t rows);

  const ScanPlan& plan_;
  Area area_;
  Decision decision_;
  std::vector<std::int32_t> planes_;  ///< of a result, those that are blended: what the decision wants, then the borders if there are any
  bool borders_;
  raster::Blender blender_;
  vector::Vectorizer vectorizer_;
  Shard shard_;
  std::int64_t strip_;         ///< the open one
  std::int64_t row_;           ///< of the mask, the next to vectorise
  std::vector<float> turned_;  ///< a window's planes as the strip runs
  std::vector<std::uint8_t> turned_valid_;
  std::vector<std::uint8_t> mask_;
  std::vector<std::uint16_t> scores_, border_scores_;
};

}  // namespace fair::pipeline
