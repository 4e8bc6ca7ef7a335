// Convolution over two axes, and its weights' gradient by loops of our own over channels-last memory on the CPU.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace fair::train {

/// How a kernel goes over height and width: two entries each.
struct ConvolutionSteps {
  std::vector<std::int64_t> stride, pads, dilation;  ///< pads: the same before and behind
  std::int64_t groups = 1;
};

/// Whether weight_gradient() is faster than LibTorch's on this processor: on x86-64 without AVX-512 it has 1 to 3.5 times oneDNN's speed, where that
/// is half of a small network's step; with AVX-512 steps took 0 to 10 % longer by it.
[[nodiscard]] bool prefers_own_loops();

/// What at::conv2d gives, gradients included. With `own_loops`, for float32 laid out as NHWC, dense kernels and not too many channels on the CPU, the
/// weights' gradient is weight_gradient(). Everything else is handed to LibTorch.
/// x: (batch, in, height, width); weight: (out, in / groups, height, width); bias: (out).
[[nodiscard]] at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, const c10::optional<at::Tensor>& bias,
                                     const ConvolutionSteps& steps, bool own_loops = prefers_own_loops());

/// Whether weight_gradient() takes such a convolution: groups and dilations of 1, and channels by eight, the output's or, where the kernel goes over
/// columns one by one, the input's.
[[nodiscard]] bool has_weight_gradient(std::int64_t in, std::int64_t out, const ConvolutionSteps& steps);

/// The gradient of the weights, laid out as `weight`, from the output's, `dy`. x and dy: float32 on the CPU, laid out as NHWC. The same for any
/// number of threads.
[[nodiscard]] at::Tensor weight_gradient(const at::Tensor& x, const at::Tensor& dy, const at::Tensor& weight, const ConvolutionSteps& steps);

}  // namespace fair::train
