#include "native/train/task.h"

#include <utility>

#include "native/train/segmentation_task.h"

namespace fair::train {

Result<std::unique_ptr<Task>> make_task(const TrainRequest& request, std::shared_ptr<io::DatasetPack> pack, const onnx::Model& model,
                                        Program& program, at::Device device) {
  if (request.task == "semantic-segmentation") return make_segmentation_task(request, std::move(pack), model, program, device);
  return fail(Code::unsupported, "the model's task", "semantic-segmentation", request.task, "other tasks can be predicted, but not trained");
}

}  // namespace fair::train
