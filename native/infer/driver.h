// inference_pipeline on this machine: fetching, running and vectorising overlap, in bounded memory.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/pipeline/inference.h"
#include "native/infer/block_source.h"
#include "native/infer/feature_sink.h"
#include "native/infer/runner.h"
#include "native/infer/shard_file.h"

namespace fair::infer {

struct PredictProgress {
  std::int64_t windows_done = 0, windows_total = 0;  ///< of all sources begun so far
  std::int64_t blocks_done = 0;
  std::size_t sources_done = 0, sources_total = 0;
  std::int64_t features = 0;
  double seconds = 0;
};

struct PredictOptions {
  pipeline::InferenceOptions inference;
  int fetch_threads = 0;                                    ///< 0: as many as the sources find useful
  std::function<void(const PredictProgress&)> on_progress;  ///< from the calling thread, at most ten times a second and once at the end
  const std::atomic<bool>* stop = nullptr;                  ///< set: ends with Code::cancelled, and the sink is not finished
  /// Not null: only its share is predicted, of every source, and it is the sink.
  ShardWriter* shard = nullptr;
};

struct PredictReport {
  std::int64_t blocks = 0, blocks_missing = 0;
  std::int64_t windows = 0, windows_run = 0, batches = 0;  ///< windows without imagery are not run
  std::int64_t features = 0;
  double run_ms = 0;  ///< in the runner, all batches
  double seconds = 0;
  std::vector<std::string> warnings;  ///< sentences, each once
};

/// Predicts every source in turn and writes the features in the order of the sources. The next sources are begun while one is still running, so
/// many small chips keep the model as busy as one large raster. Finishes the sink. `plugin` is used from the calling thread alone.
Result<PredictReport> predict(const stac::ModelSpec& model, const std::shared_ptr<plugin::ModelPlugin>& plugin, Runner& runner,
                              const std::vector<std::unique_ptr<BlockSource>>& sources, FeatureSink& sink, const PredictOptions& options);

}  // namespace fair::infer
