// Predictions that pods do together, a shard of the area each.
#pragma once

#include <string>

#include "core/run/config.h"
#include "native/cli/desk.h"
#include "native/launch/model_choice.h"

namespace fair::cli {

struct ClusterPrediction {
  const launch::ChosenModel& model;
  const run::InferenceConfig& config;
  const std::string& out;  ///< as --out takes it
  int shards = 0;          ///< 0: as many as the stack says
};

/// Begins the job, waits for it, and merges what its pods made into `out`.
Result<Exit> predict_on_cluster(Context& context, Desk& desk, const ClusterPrediction& wanted);

/// The same for a job that is there: that of a run of this workspace whose program went before its pods did. Shards that nobody does any more are
/// begun again; those that are done are kept. Code::not_found where nothing of it is left.
Result<Exit> resume_on_cluster(Context& context, Desk& desk, const std::string& run, const std::string& out);

}  // namespace fair::cli
