#include "plugins/unet_segmentation/training/graph.h"

#include <string>

namespace fair::unet_segmentation {

Result<onnx::Model> graph_for(std::string_view model, const GraphOptions& options) {
  if (options.classes < 1) return fail(Code::usage, std::string(model), "at least one class", std::to_string(options.classes));
  if (model == "unet-segmentation") return unet_resnet34(options);
  if (model == "unet-segmentation-small") return unet_small(options);
  return fail(Code::not_found, std::string(model), "unet-segmentation or unet-segmentation-small", "a model this plugin has no graph for");
}

}  // namespace fair::unet_segmentation
