// Runs as files that `mlflow ui --backend-store-uri FOLDER` opens as they are.
#pragma once

#include "native/track/tracker.h"

namespace fair::track {

/// FOLDER/<experiment id>/<run id>/{meta.yaml, params, metrics, tags, artifacts}, as MLflow's own file store lays them out.
[[nodiscard]] std::unique_ptr<Tracker> mlflow_files(const std::filesystem::path& folder);

}  // namespace fair::track
