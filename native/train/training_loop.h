// Step after step, epoch after epoch, whatever the task: from the parts that training consists of to what it made.
#pragma once

#include <memory>

#include "native/onnx/graph.h"
#include "native/train/optimizer.h"
#include "native/train/program.h"
#include "native/train/rank_group.h"
#include "native/train/task.h"
#include "native/train/trainer.h"

namespace fair::train {

struct TrainingParts {
  onnx::Model model;  ///< that the trained weights are written back to
  Program program;
  std::unique_ptr<Task> task;
  Optimizer optimizer;
  at::Device device;
  bool bfloat16 = false;
  std::shared_ptr<RankGroup> group;  ///< null: alone
};

/// Trains until the schedule is over or `events.stop` is set. Checkpoints and the best model are written into request.output, by rank 0. May throw
/// what LibTorch throws, and RankLost.
[[nodiscard]] Result<TrainResult> run_training_loop(const TrainRequest& request, const TrainEvents& events, TrainingParts parts);

}  // namespace fair::train
