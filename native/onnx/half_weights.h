// Smaller files: weights kept in half precision, computed with in single.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "native/onnx/graph.h"

namespace fair::onnx {

/// Stores every float32 initializer of rank ≥ 2 as float16, followed by a Cast back to float32 that runtimes fold when they load the
/// model. Small tensors (biases, batch statistics) stay exact. Weights beyond ±65504 are Code::invalid, named.
[[nodiscard]] Result<Model> with_half_weights(Model model);

/// IEEE 754 binary32 -> binary16, to nearest even; overflow gives infinity.
[[nodiscard]] std::uint16_t to_half(float value);
[[nodiscard]] float from_half(std::uint16_t bits);
/// float32 bytes -> float16 bytes. Beyond ±65504: Code::invalid, naming the tensor.
[[nodiscard]] Result<std::string> halves_of(std::string_view floats, const std::string& name);

}  // namespace fair::onnx
