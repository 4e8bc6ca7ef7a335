// Residual blocks (He et al. 2015) under the names PyTorch users know.
#pragma once

#include <cstdint>
#include <string>

#include "native/onnx/builder.h"

namespace fair::onnx {

struct ResidualLayer {
  int blocks = 2;
  std::int64_t in = 64, out = 64, stride = 1;  ///< the first block's
};

/// Basic blocks of two 3 × 3 convolutions, `path`.0, `path`.1 …, each with conv1, bn1, conv2, bn2 and, where its shape changes, downsample.0 and .1.
std::string residual_layer(Builder& b, const std::string& path, std::string x, const ResidualLayer& layer);

}  // namespace fair::onnx
