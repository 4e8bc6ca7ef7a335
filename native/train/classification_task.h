// Classification as training sees it: whole chips, one class each.
#pragma once

#include <memory>

#include "native/train/task.h"

namespace fair::train {

/// Code::incompatible where the graph does not give one value a class and chip (or one in all for two classes).
[[nodiscard]] Result<std::unique_ptr<Task>> make_classification_task(const TrainRequest& request, std::shared_ptr<io::DatasetPack> pack,
                                                                     const onnx::Model& model, Program& program, at::Device device);

}  // namespace fair::train
