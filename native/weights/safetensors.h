// safetensors files (https://github.com/huggingface/safetensors, "Format"): the format to prefer, as there is nothing in it but numbers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "native/onnx/state_dict.h"
#include "native/weights/read.h"

namespace fair::weights {

[[nodiscard]] bool looks_like_safetensors(std::string_view bytes);
/// Offsets must cover the data exactly, as the format demands.
[[nodiscard]] Result<StateDict> parse_safetensors(std::string_view bytes, const std::string& thing);
/// A file of these tensors, those in float32 first. `half`: what has two dimensions and more is rounded to float16. Code::invalid where a value to be
/// rounded is beyond ±65504.
[[nodiscard]] Result<std::string> serialize_safetensors(const std::vector<onnx::StateEntry>& entries, bool half);

}  // namespace fair::weights
