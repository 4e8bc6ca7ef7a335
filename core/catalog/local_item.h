// The STAC item of a finetuned model's version.
#pragma once

#include <optional>
#include <string>

#include "core/stac/item.h"

namespace fair::catalog {

enum class IdStyle {
  name_version,  ///< unet-segmentation-finetuned-banepa-v2, as fAIr's architecture page has it
  uuid,          ///< the model version's UUID, as deployed
};

/// What a version brings that its base and dataset items do not say.
struct LocalModel {
  std::string name;  ///< of the finetuned model; becomes mlm:name
  int number = 1;    ///< its version
  std::string uuid;
  std::string user_id = "anonymous";
  std::string model_href, checkpoint_href;  ///< http(s)
  std::string metrics_href;                 ///< training-metrics JSON, or ""
  Json hyperparameters = Json::object();    ///< training.* and inference.* as used, prefixed
  Json metrics = Json::object();            ///< "fair:…" keys; null values are left out
  Json split = Json::object();              ///< {strategy, ratio, seed}
  std::optional<double> gsd;                ///< metres a pixel it learnt at
  std::string started_at, ended_at;         ///< RFC 3339 UTC, or ""
  double duration_seconds = 0;
  int labeled_chip_count = 0;
};

/// Keeps the base's MLM fields, fair:hyperparameters_spec and runtimes; the geometry is the dataset's, the licence follows from both. Errors name a
/// base without its fields.
[[nodiscard]] Result<stac::Item> local_item(const stac::Item& base, const stac::Item& dataset, const LocalModel& model, IdStyle style,
                                            const std::string& now);

}  // namespace fair::catalog
