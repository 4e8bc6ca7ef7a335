// Graphs to begin a plugin with: small, trainable, of random weights, for those who have no model of their own yet.
#pragma once

#include <cstdint>

#include "core/stac/model_spec.h"
#include "native/onnx/graph.h"

namespace fair::launch {

/// Pixels along a side of the windows that starter graphs are meant for.
inline constexpr std::int64_t starter_window = 128;

/// A graph of a few layers, the same bytes every time. Input "input" f32 [batch, 3, 128, 128] (detection: any multiple of 32). Output by task:
/// semantic segmentation [batch, classes, 128, 128] logits; classification [batch, classes] logits; detection [batch, 4 + classes, anchors], with the
/// head that training knows. Code::unsupported for other tasks.
[[nodiscard]] Result<onnx::Model> starter_graph(stac::Task task, std::int64_t classes);

}  // namespace fair::launch
