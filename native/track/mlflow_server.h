// Runs on an MLflow tracking server, by its REST API 2.0.
#pragma once

#include "native/track/tracker.h"

namespace fair::track {

struct MlflowOptions {
  std::string url;
  std::string authorization;  ///< the header's value, or ""; in no error and no log
};

/// Reaches nobody yet. Artifacts go through the server's own proxy; Code::unsupported where its artifacts lie elsewhere.
[[nodiscard]] Result<std::unique_ptr<Tracker>> mlflow_server(const MlflowOptions& options);

}  // namespace fair::track
