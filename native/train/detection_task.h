// Object detection as training sees it: chips with boxes, an anchor-free head of three levels.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "native/train/task.h"

namespace fair::train {

/// The head's raw maps in a graph of the YOLO family (v8 and later): the values of the convolutions whose weights are called ….cv2.L.2.weight (sides,
/// as distributions) and ….cv3.L.2.weight (class logits), first the sides, then the classes, finest level first. The loss wants these: the output is
/// what becomes of them. Code::unsupported where the graph has no such pairs.
[[nodiscard]] Result<std::vector<std::string>> detection_taps(const onnx::Model& model);

/// `program` must have been compiled with those taps. Code::incompatible where the maps do not fit the classes, Code::unsupported where the model is
/// to be trained in a size its graph does not take.
[[nodiscard]] Result<std::unique_ptr<Task>> make_detection_task(const TrainRequest& request, std::shared_ptr<io::DatasetPack> pack,
                                                                const onnx::Model& model, Program& program, at::Device device);

}  // namespace fair::train
