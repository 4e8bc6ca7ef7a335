// How one grid of imagery is walked: at which resolution, in which windows, which blocks each needs, and which way the strips run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/geo/grid.h"
#include "core/pipeline/block.h"
#include "core/pipeline/inference.h"
#include "core/raster/resample.h"
#include "core/raster/window.h"

namespace fair::pipeline {

/// Strips run along the shorter side, so that what is held does not grow with the longer one: rows of windows from north to south, or, where
/// imagery is wider than high (`transposed`), columns of windows from west to east. Windows themselves always stay upright.
struct ScanPlan {
  geo::BlockGrid grid;
  raster::Ratio ratio_x, ratio_y;  ///< source pixels to the model's
  std::int64_t source_width = 0, source_height = 0;
  raster::WindowAxis x, y;  ///< in the model's pixels
  bool transposed = false;
  geo::GeoTransform transform;                     ///< of the model's pixels
  geo::GeoTransform to_pixel;                      ///< its inverse: from places to the model's pixels
  std::int64_t origin_column = 0, origin_row = 0;  ///< grid.origin_* in the model's pixels
  std::vector<std::string> warnings;

  /// `tiling` is the plugin description's object {overlap, multiple_of, window}; windows of a label never overlap.
  [[nodiscard]] static Result<ScanPlan> create(const stac::ModelSpec& model, const Json& description, const geo::BlockGrid& grid,
                                               const InferenceOptions& options);

  /// Along a strip, and from strip to strip.
  [[nodiscard]] const raster::WindowAxis& across() const { return transposed ? y : x; }
  [[nodiscard]] const raster::WindowAxis& along() const { return transposed ? x : y; }

  /// Strips that `shard` runs: its own, and before them those that its first rows are also seen by.
  [[nodiscard]] Shard::Strips run_by(const Shard& shard) const;

  /// Which window of the strip (a), which strip (b).
  struct Step {
    std::int64_t a = 0, b = 0;
  };
  [[nodiscard]] std::int64_t windows() const { return x.count() * y.count(); }
  [[nodiscard]] Step step(std::int64_t window) const { return {window % across().count(), window / across().count()}; }
  [[nodiscard]] std::int64_t column_of(Step s) const { return transposed ? s.b : s.a; }
  [[nodiscard]] std::int64_t row_of(Step s) const { return transposed ? s.a : s.b; }

  /// Block columns (or rows, the way the strip runs) that windows a of every strip need; and those that strip b needs.
  [[nodiscard]] raster::Span blocks_across(std::int64_t a) const;
  [[nodiscard]] raster::Span blocks_along(std::int64_t b) const;
  [[nodiscard]] Block block(std::int64_t across, std::int64_t along) const { return transposed ? Block{along, across} : Block{across, along}; }
  [[nodiscard]] bool present(Block block) const;
  [[nodiscard]] std::int64_t index(Block block) const { return block.row * grid.columns + block.column; }
};

}  // namespace fair::pipeline
