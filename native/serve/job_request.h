// POST /jobs' bodies, and the words of `fair` that each becomes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "native/http/address_rules.h"

namespace fair::serve {

/// What every job's program is told besides.
struct JobSurroundings {
  std::string workspace, stack;  ///< stack: "" where none was chosen
  std::int64_t tiles = 100'000;  ///< of one prediction
  http::AddressRules::Lists addresses;
};

struct JobRequest {
  std::string kind, description;
  Json body;

  /// {kind, …}: predict {model_stac_id, image_uri, bbox | geometry, zoom, params}, the kind where none is said; finetune {base_model_id, dataset_id,
  /// model_name, hyperparameters, max_minutes}; promote, archive {model_name, version}; delete {model_name, version or none for all}; compat
  /// {model_id, dataset_id}. Code::usage names the member.
  [[nodiscard]] static Result<JobRequest> from_json(const Json& body);

  /// The program's words, its own name left out. Files it needs are written into `folder`, and a prediction's result is result.geojson there.
  [[nodiscard]] Result<std::vector<std::string>> words(const JobSurroundings& around, const std::filesystem::path& folder) const;
};

}  // namespace fair::serve
