// Runs and their steps, in SQLite on every stack.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace fair::runs {

/// A run whose program was killed is read as failed: this is seen by the process that began it, where that was on this machine.
enum class Status { running, completed, failed, stopped };

struct Step {
  std::string name;  ///< load_data, preprocess_data, split_dataset, train_model, evaluate_model, export_onnx, run_inference
  Status status = Status::running;
  std::string started_at, ended_at;  ///< RFC 3339 UTC
  Json parameters, artifacts;        ///< artifacts: {name: path or URI}
};

struct Run {
  std::string id;    ///< short, unique, sortable by time
  std::string kind;  ///< "training" | "inference"
  std::string name;  ///< the model it makes or uses
  Status status = Status::running;
  std::string started_at, ended_at, error;
  Json config;    ///< the generated run config
  Json metadata;  ///< fair/mean_iou, fair/loss_history …
  std::vector<Step> steps;
};

class RunStore {
 public:
  virtual ~RunStore() = default;
  virtual Result<std::string> start(const std::string& kind, const std::string& name, const Json& config) = 0;
  virtual Result<> start_step(const std::string& run, const std::string& step, const Json& parameters) = 0;
  virtual Result<> end_step(const std::string& run, const std::string& step, Status status, const Json& artifacts) = 0;
  virtual Result<> log(const std::string& run, const std::string& line) = 0;
  virtual Result<> set_metadata(const std::string& run, const Json& metadata) = 0;  ///< merged
  virtual Result<> end(const std::string& run, Status status, const std::string& error = {}) = 0;
  [[nodiscard]] virtual Result<Run> run(const std::string& id) = 0;
  [[nodiscard]] virtual Result<std::vector<Run>> runs() = 0;  ///< newest first, without steps
  [[nodiscard]] virtual Result<std::vector<std::string>> log_lines(const std::string& run) = 0;
};

/// Opens or makes the file; a newer layout than ours is refused with a sentence.
[[nodiscard]] Result<std::unique_ptr<RunStore>> open_sqlite(const std::string& path);

}  // namespace fair::runs
