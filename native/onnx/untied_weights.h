// Weights that an exporter laid together because they were equal.
#pragma once

#include "native/onnx/graph.h"

namespace fair::onnx {

/// Exporters keep equal tensors once: an untrained normalisation's bias is its running mean then, its scale its running variance, and what one learns
/// would change the other. Every further use of a floating-point initializer whose elements are all the same number gets a copy of its own, and so
/// does an Identity of one; the graph computes what it computed. Weights that differ within stay shared: somebody meant it.
[[nodiscard]] Model with_weights_untied(Model model);

}  // namespace fair::onnx
