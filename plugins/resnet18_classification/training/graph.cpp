#include "plugins/resnet18_classification/training/graph.h"

#include "native/onnx/builder.h"
#include "native/onnx/residual.h"

namespace fair::resnet18_classification {

onnx::Model resnet18(const GraphOptions& options) {
  onnx::Builder b("resnet18-classification", 18, options.seed);
  const auto input = b.input("input", {{-1, "batch"}, {3, ""}, {-1, "height"}, {-1, "width"}});
  const auto stem = b.relu("relu", b.batch_norm("bn1", onnx::residual_conv(b, "conv1", input, onnx::ConvShape{3, 64, 7, 2}), 64));
  auto y = onnx::residual_layer(b, "layer1", b.max_pool("maxpool", stem, 3, 2, 1), {2, 64, 64, 1});
  y = onnx::residual_layer(b, "layer2", y, {2, 64, 128, 2});
  y = onnx::residual_layer(b, "layer3", y, {2, 128, 256, 2});
  y = onnx::residual_layer(b, "layer4", y, {2, 256, 512, 2});
  y = b.linear("fc", b.flatten("flatten", b.global_average_pool("avgpool", y)), 512, options.logits, 0.5);
  b.output(b.identity("logits", y), {{-1, "batch"}, {options.logits, ""}});
  return std::move(b).build("0.1");
}

}  // namespace fair::resnet18_classification
