// Semantic segmentation as training sees it: windows of chips, a class value a pixel.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "native/train/task.h"

namespace fair::train {

/// Gives the graph an output for borders where the dataset's things touch (hyper-parameter "borders": auto, on, off), or takes it away. A graph that
/// cannot have one goes without and `log` hears of it, unless it was asked for.
Result<> fit_borders(const TrainRequest& request, const io::DatasetPack& pack, onnx::Model& model,
                     const std::function<void(const std::string&)>& log);

/// Code::incompatible where the graph does not give one value a pixel and class (or one in all for two classes).
[[nodiscard]] Result<std::unique_ptr<Task>> make_segmentation_task(const TrainRequest& request, std::shared_ptr<io::DatasetPack> pack,
                                                                   const onnx::Model& model, Program& program, at::Device device);

}  // namespace fair::train
