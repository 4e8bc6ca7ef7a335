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

/// A convolution of a residual network, its weights from N(0, 2 / fan_out): He's rule backwards, from which torchvision's networks start. Batch norm
/// makes any size of weights right for what comes out, but steps of Adam are of one size: a stem of three channels drawn by fan_in has weights five
/// times as large, and hardly learns.
std::string residual_conv(Builder& b, const std::string& path, const std::string& x, const ConvShape& shape);

/// Basic blocks of two 3 × 3 convolutions, `path`.0, `path`.1 …, each with conv1, bn1, conv2, bn2 and, where its shape changes, downsample.0 and .1.
std::string residual_layer(Builder& b, const std::string& path, std::string x, const ResidualLayer& layer);

}  // namespace fair::onnx
