// inference_pipeline as a state machine that does no I/O: it asks for blocks of pixels, hands out batches, takes outputs and gives features.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/base/tensor.h"
#include "core/geo/grid.h"
#include "core/pipeline/block.h"
#include "core/pipeline/shard.h"
#include "core/plugin/model_plugin.h"
#include "core/raster/image.h"
#include "core/stac/model_spec.h"
#include "core/vector/vectorize.h"

namespace fair::pipeline {

struct InferenceOptions {
  double confidence_threshold = 0.5;  ///< on the foreground class's probability, or the winning one's where there are several
  std::int32_t min_class_value = 1;   ///< classes below it are background
  std::int32_t overlap = -1;          ///< pixels windows share; -1: the plugin's tiling policy
  std::int32_t tta_views = 1;         ///< test-time augmentation: ways each window is laid and run, their mean is taken; 1, 2, 4 or 8
  std::int32_t batch_size = 1;        ///< windows a batch; a model whose batch size is fixed has its own
  std::int32_t batches_in_flight = 2;
  std::int32_t windows_ahead = 8;  ///< windows whose blocks may be asked for and held ahead of the one cut next
  double nms_iou = 0.45;           ///< boxes that overlap more are one thing
  bool merge_neighbours = false;   ///< labels: neighbouring windows of one class become one polygon
  vector::MultiPolygon area;       ///< degrees; what lies outside is cut away, boxes and labels by their middle. Empty: all is kept
  vector::VectorizeOptions vectorize;
  Shard shard;  ///< only a share of the windows, whose findings its sink takes; there are no features then
};

struct Batch {
  std::uint64_t id = 0;
  TensorView input;          ///< owned by the pipeline until give_outputs(id)
  std::int64_t windows = 0;  ///< of imagery in it; the rest of a fixed batch is zeros
};

struct Progress {
  std::int64_t blocks_done = 0, blocks_total = 0, windows_done = 0, windows_total = 0;
};

/// One grid of imagery through one model. Windows without any imagery are not run. What comes out depends neither on the order in which blocks and
/// outputs come nor on how the imagery is cut into blocks. Holds a strip of windows along the shorter side of the area. After an error: throw it
/// away. Not thread-safe: one thread drives it (give_* calls may follow in any order that next_* allowed).
class Inference {
 public:
  [[nodiscard]] static Result<Inference> create(const stac::ModelSpec& model, std::shared_ptr<plugin::ModelPlugin> plugin, const geo::BlockGrid& grid,
                                                const InferenceOptions& options);
  Inference(Inference&&) noexcept;
  Inference& operator=(Inference&&) noexcept;
  ~Inference();

  /// Up to `max` blocks to fetch next, in the order they will be needed; empty when none may be asked for now.
  [[nodiscard]] std::vector<Block> next_blocks(std::size_t max);
  /// A block asked for: its pixels (copied), or nothing where there is none (404, no data). Fewer columns or rows than the grid's blocks: the
  /// rest is no data.
  Result<> give_block(Block block, std::optional<raster::ImageView> pixels);
  /// A batch ready to run, while fewer than batches_in_flight are out.
  [[nodiscard]] Result<std::optional<Batch>> next_batch();
  Result<> give_outputs(std::uint64_t batch, std::span<const TensorView> outputs);
  [[nodiscard]] std::vector<vector::Feature> take_features();
  /// All blocks given, all outputs taken, all features emitted.
  [[nodiscard]] bool done() const;
  [[nodiscard]] Progress progress() const;
  /// Sentences the person should read (imagery far from the model's ground resolution …).
  [[nodiscard]] const std::vector<std::string>& warnings() const;

 private:
  struct State;
  explicit Inference(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fair::pipeline
