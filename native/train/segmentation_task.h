// Semantic segmentation as training sees it: windows of chips, a class value a pixel.
#pragma once

#include <memory>

#include "native/train/task.h"

namespace fair::train {

/// Code::incompatible where the graph does not give one value a pixel and class (or one in all for two classes).
[[nodiscard]] Result<std::unique_ptr<Task>> make_segmentation_task(const TrainRequest& request, std::shared_ptr<io::DatasetPack> pack,
                                                                   const onnx::Model& model, Program& program, at::Device device);

}  // namespace fair::train
