// safetensors files (https://github.com/huggingface/safetensors, "Format"): the format to prefer, as there is nothing in it but numbers.
#pragma once

#include <string>
#include <string_view>

#include "native/weights/read.h"

namespace fair::weights {

[[nodiscard]] bool looks_like_safetensors(std::string_view bytes);
/// Offsets must cover the data exactly, as the format demands.
[[nodiscard]] Result<StateDict> parse_safetensors(std::string_view bytes, const std::string& thing);

}  // namespace fair::weights
