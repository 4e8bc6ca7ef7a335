// A quarter of the download: weights kept in eight bits, computed with in single precision.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "native/onnx/graph.h"

namespace fair::onnx {

/// Weights of fewer elements stay as they are: little to save, and what a graph decides with last is among them.
inline constexpr std::int64_t smallest_int8_weight = 1000;

/// Whole numbers from -127 to 127 and one factor a channel: weight ≈ value × scale.
struct Int8Weights {
  std::vector<std::int8_t> values;  ///< in the order of the weights
  std::vector<float> scales;        ///< one a channel, all above 0
};

/// Symmetric, to nearest. Each channel's scale is the one of a few dozen, from half the largest weight to all of it, that makes the sum of squared
/// errors least; weights beyond 127 scales are clipped. `weights` is C-contiguous with `channels` along one axis and `inner` elements per step of it;
/// all finite.
[[nodiscard]] Int8Weights quantise(std::span<const float> weights, std::size_t channels, std::size_t inner);

/// Stores the float32 weights of Conv, ConvTranspose, Gemm and MatMul nodes, initializers or Constant nodes, as int8 with one scale an output
/// channel. Cast and Mul give them back: every runtime folds these two when it loads the model and then computes as fast as before, where
/// DequantizeLinear is kept by some (ONNX Runtime) and run again each time. Biases and batch statistics stay exact. Code::invalid where there is no
/// such weight, or one is not finite.
[[nodiscard]] Result<Model> with_int8_weights(Model model);

/// The other way: int8 weights that with_int8_weights stored become float32 initializers under their old names, for who wants to train on.
[[nodiscard]] Model with_int8_weights_restored(Model model);

}  // namespace fair::onnx
