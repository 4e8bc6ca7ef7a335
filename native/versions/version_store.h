// The versions of finetuned models: SQLite beside the runs (local), or a ZenML server (production). One suite of tests holds for both.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace fair::versions {

enum class Stage { none, staging, production, archived };

/// What a training brings.
struct NewVersion {
  std::string model;              ///< unet-segmentation-finetuned-banepa
  std::string run_id;             ///< of the training
  Json metadata;                  ///< metrics, gsd, dataset and base ids, hyperparameters
  Json artifacts;                 ///< trained_model, onnx_model, training_metrics, config: paths below artifacts/
  Json figures = Json::object();  ///< fair/mean_iou, fair/loss_history …, for people who look at the server
};

/// One version of a finetuned model. STAC item ids are made from it by catalog.
struct ModelVersion {
  std::string model;
  int number = 0;
  std::string uuid, run_id;  ///< run_id "" where another program made it
  Stage stage = Stage::none;
  std::string created_at;
  Json metadata, artifacts;
};

/// Not for several threads at once.
class VersionStore {
 public:
  virtual ~VersionStore() = default;
  /// The next number of that model, stage none. A run has one version: said again, it gives the one that is there.
  virtual Result<ModelVersion> add(const NewVersion& version) = 0;
  [[nodiscard]] virtual Result<std::vector<ModelVersion>> versions(const std::string& model) = 0;  ///< by number; "" = of all models
  /// Any but Stage::none; production archives the one that had it, in one step. Code::not_found.
  virtual Result<> set_stage(const std::string& model, int number, Stage stage) = 0;
  virtual Result<> remove(const std::string& model, int number) = 0;  ///< Code::not_found
  /// All its versions, and the model's own record where there is one. None there is no error.
  virtual Result<> remove_model(const std::string& model) = 0;
  /// Which store this is: a file or an address.
  [[nodiscard]] virtual std::string name() const = 0;
};

/// "none", "staging", "production", "archived": as ZenML says them.
[[nodiscard]] const char* word(Stage stage);
/// none where it is another word.
[[nodiscard]] Stage stage_of(const std::string& word);

}  // namespace fair::versions
