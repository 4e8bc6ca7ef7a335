#include "native/train/task.h"

#include <utility>

#include "native/train/classification_task.h"
#include "native/train/detection_task.h"
#include "native/train/segmentation_task.h"

namespace fair::train {

Result<std::vector<std::string>> taps_for(const TrainRequest& request, const onnx::Model& model) {
  if (request.task == "object-detection") return detection_taps(model);
  return std::vector<std::string>{};
}

Result<> prepare_graph(const TrainRequest& request, const io::DatasetPack& pack, onnx::Model& model,
                       const std::function<void(const std::string&)>& log) {
  if (request.task == "semantic-segmentation") return fit_borders(request, pack, model, log);
  return {};
}

Result<std::unique_ptr<Task>> make_task(const TrainRequest& request, std::shared_ptr<io::DatasetPack> pack, const onnx::Model& model,
                                        Program& program, at::Device device) {
  if (request.task == "semantic-segmentation") return make_segmentation_task(request, std::move(pack), model, program, device);
  if (request.task == "object-detection") return make_detection_task(request, std::move(pack), model, program, device);
  if (request.task == "classification") return make_classification_task(request, std::move(pack), model, program, device);
  return fail(Code::unsupported, "the model's task", "semantic-segmentation, object-detection or classification", request.task,
              "other tasks can be predicted, but not trained");
}

}  // namespace fair::train
