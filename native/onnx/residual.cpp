#include "native/onnx/residual.h"

#include <cmath>

namespace fair::onnx {
namespace {

std::string basic_block(Builder& b, const std::string& path, const std::string& x, std::int64_t in, std::int64_t out, std::int64_t stride) {
  auto y = residual_conv(b, path + ".conv1", x, ConvShape{in, out, 3, stride});
  y = b.relu(path + ".relu1", b.batch_norm(path + ".bn1", y, out));
  y = b.batch_norm(path + ".bn2", residual_conv(b, path + ".conv2", y, ConvShape{out, out}), out);
  std::string skip = x;
  if (stride != 1 || in != out) {
    skip = b.batch_norm(path + ".downsample.1", residual_conv(b, path + ".downsample.0", x, ConvShape{in, out, 1, stride}), out);
  }
  return b.relu(path + ".relu2", b.add(path + ".add", y, skip));
}

}  // namespace

std::string residual_conv(Builder& b, const std::string& path, const std::string& x, const ConvShape& shape) {
  return b.conv(path, x, shape, std::sqrt(static_cast<double>(shape.in) / static_cast<double>(shape.out)));
}

std::string residual_layer(Builder& b, const std::string& path, std::string x, const ResidualLayer& layer) {
  for (int i = 0; i < layer.blocks; ++i) {
    x = basic_block(b, path + "." + std::to_string(i), x, i == 0 ? layer.in : layer.out, layer.out, i == 0 ? layer.stride : 1);
  }
  return x;
}

}  // namespace fair::onnx
