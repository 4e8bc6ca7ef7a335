#include <array>
#include <string>

#include "native/onnx/builder.h"
#include "native/onnx/residual.h"
#include "plugins/unet_segmentation/training/graph.h"

namespace fair::unet_segmentation {
namespace {

using onnx::Builder;
using onnx::ConvShape;

std::string decoder_block(Builder& b, int index, const std::string& x, const std::string& skip, std::int64_t in, std::int64_t out) {
  const std::string path = "decoder.blocks." + std::to_string(index);
  auto y = b.upsample(path + ".up", x, 2, Builder::Resizing::nearest);
  if (!skip.empty()) y = b.concat(path + ".concat", {y, skip});
  y = b.relu(path + ".conv1.2", b.batch_norm(path + ".conv1.1", b.conv(path + ".conv1.0", y, ConvShape{in, out}), out));
  return b.relu(path + ".conv2.2", b.batch_norm(path + ".conv2.1", b.conv(path + ".conv2.0", y, ConvShape{out, out}), out));
}

}  // namespace

onnx::Model unet_resnet34(const GraphOptions& options) {
  Builder b("unet-segmentation", 18, options.seed);
  const auto input = b.input("input", {{-1, "batch"}, {3, ""}, {256, ""}, {256, ""}});
  const auto e1 = b.relu("encoder.relu", b.batch_norm("encoder.bn1", onnx::residual_conv(b, "encoder.conv1", input, ConvShape{3, 64, 7, 2}), 64));
  const auto e2 = onnx::residual_layer(b, "encoder.layer1", b.max_pool("encoder.maxpool", e1, 3, 2, 1), {3, 64, 64, 1});
  const auto e3 = onnx::residual_layer(b, "encoder.layer2", e2, {4, 64, 128, 2});
  const auto e4 = onnx::residual_layer(b, "encoder.layer3", e3, {6, 128, 256, 2});
  const auto e5 = onnx::residual_layer(b, "encoder.layer4", e4, {3, 256, 512, 2});
  auto y = decoder_block(b, 0, e5, e4, 512 + 256, 256);
  y = decoder_block(b, 1, y, e3, 256 + 128, 128);
  y = decoder_block(b, 2, y, e2, 128 + 64, 64);
  y = decoder_block(b, 3, y, e1, 64 + 64, 32);
  y = decoder_block(b, 4, y, "", 32, 16);
  y = b.conv("segmentation_head.0", y, ConvShape{16, options.classes, 3, 1, true}, 0.5);
  b.output(b.identity("logits", y), {{-1, "batch"}, {options.classes, ""}, {256, ""}, {256, ""}});
  return std::move(b).build("0.1");
}

}  // namespace fair::unet_segmentation
