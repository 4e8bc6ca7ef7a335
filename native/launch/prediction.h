// inference_pipeline on this machine: run_inference, driven by a config that is kept with the run.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/plugin/registry.h"
#include "core/run/config.h"
#include "native/infer/driver.h"
#include "native/infer/session.h"
#include "native/launch/model_choice.h"
#include "native/runs/run_store.h"

namespace fair::launch {

struct PredictionRequest {
  ChosenModel model;
  run::InferenceConfig config;  ///< inference_params are checked by the caller
  vector::MultiPolygon area;    ///< degrees; what lies outside is cut away. Empty: nothing is
  infer::SessionOptions session;
  std::function<Result<std::vector<std::unique_ptr<infer::BlockSource>>>()> sources;  ///< the imagery, opened in the step
  std::function<Result<std::unique_ptr<infer::FeatureSink>>(const stac::ModelSpec&)> sink;
  /// `shard_count` > 0: only this share of the windows, into `shard_file` for infer::merge_shards; `sink` is not asked.
  std::int64_t shard_index = 0, shard_count = 0;
  std::filesystem::path shard_file;
};

struct PredictionEvents {
  std::function<void(const std::string&)> log;
  std::function<void(const infer::PredictProgress&)> on_progress;
  const std::atomic<bool>* stop = nullptr;
};

struct PredictionOutcome {
  std::string run_id;  ///< "" without a run store
  infer::PredictReport report;
  infer::SessionInfo session;
  double open_ms = 0;  ///< imagery and plugin, beside the session
};

/// `store` may be null: then nothing is recorded. Nothing of the output is left where it fails.
[[nodiscard]] Result<PredictionOutcome> run_prediction(const PredictionRequest& request, runs::RunStore* store, const plugin::Registry& plugins,
                                                       const PredictionEvents& events);

}  // namespace fair::launch
