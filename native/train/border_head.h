// A second output for segmentation graphs: how likely a pixel lies at the border of a thing.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.h"
#include "native/onnx/graph.h"

namespace fair::train {

inline constexpr const char* border_output = "borders";

/// True where the graph's second output is one channel beside the classes.
[[nodiscard]] bool has_border_head(const onnx::Model& model);

/// Repeats the way from the last convolution to the first output with one channel and weights of its own ("borders.weight", drawn from `seed`), and
/// hands it out as "borders", logits of the first output's height and width. The first output stays as it is.
/// Code::unsupported where the way holds more than resizing, turning and a closing activation.
Result<> add_border_head(onnx::Model& model, std::uint64_t seed);

/// Takes that output and all that only it needs away.
void remove_border_head(onnx::Model& model);

}  // namespace fair::train
