// A chosen model evaluated: its file opened, its plugin and settings found, then as evaluation.h says.
#pragma once

#include "native/infer/session.h"
#include "native/launch/evaluation.h"
#include "native/launch/model_choice.h"

namespace fair::launch {

struct ModelEvaluation {
  std::filesystem::path file;  ///< the weights to run: the model's own, or the same in another form
  std::shared_ptr<io::DatasetPack> pack;
  io::Part part = io::Part::holdout;
  std::vector<std::string> overrides;  ///< KEY=VALUE of the model's hyper-parameters
  infer::SessionOptions session;
  std::function<void(std::int64_t windows_done, std::int64_t windows_total)> on_progress;
  const std::atomic<bool>* stop = nullptr;
};

/// Errors are those of opening the file, of the settings and of evaluate().
[[nodiscard]] Result<Evaluation> evaluate(const ChosenModel& model, const ModelEvaluation& how);

}  // namespace fair::launch
