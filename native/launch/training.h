// training_pipeline on this machine: load_data, preprocess_data, split_dataset, train_model, evaluate_model, export_onnx.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/plugin/registry.h"
#include "core/run/config.h"
#include "core/stac/item.h"
#include "native/io/dataset_pack.h"
#include "native/runs/run_store.h"
#include "native/track/tracker.h"
#include "native/train/trainer.h"
#include "native/versions/version_store.h"

namespace fair::launch {

struct TrainingRequest {
  stac::Item base, dataset;
  std::filesystem::path base_model;  ///< the base's ONNX file on this machine
  /// Makes or finds the packed dataset on this machine. Called in the step load_data.
  std::function<Result<std::filesystem::path>()> pack;
  run::TrainingConfig config;                  ///< what drives the run; kept with it
  std::filesystem::path artifacts;             ///< the workspace's artifacts folder; the run writes below runs/<run id>/
  track::Tracker* tracker = nullptr;           ///< hears of it too, or null
  versions::VersionStore* versions = nullptr;  ///< gets the version that the run makes
  /// Brings a file of the run to where others find it, before they see the version; empty where nobody else does.
  std::function<Result<>(const std::filesystem::path&)> share;
  std::filesystem::path resume;  ///< folder of a stopped run's artifacts, or empty
  train::Rank rank;              ///< one of several that train together: rank 0 alone keeps a run, evaluates and makes the version
};

/// Called from the training thread.
struct TrainingEvents {
  std::function<void(const std::string&)> log;
  std::function<void(const train::StepReport&)> on_step;
  std::function<void(const train::EpochReport&)> on_epoch;
  std::function<void(std::int64_t windows_done, std::int64_t windows_total)> on_evaluated;
  const std::atomic<bool>* stop = nullptr;
};

struct TrainingOutcome {
  std::string run_id;              ///< empty for ranks other than 0
  bool stopped = false;            ///< --resume with this run's id goes on
  versions::ModelVersion version;  ///< number 0 where stopped
  train::TrainResult training;
  Json evaluation;  ///< fair:… of the validation part, as promoted items carry them
  double seconds = 0;
};

/// The item pair must be compatible (Code::incompatible names every reason); asked before anything is written. Every later failure is kept with the
/// run.
[[nodiscard]] Result<TrainingOutcome> run_training(const TrainingRequest& request, runs::RunStore& store, const plugin::Registry& plugins,
                                                   train::Trainer& trainer, const TrainingEvents& events);

}  // namespace fair::launch
