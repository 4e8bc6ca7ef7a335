// Weights laid over a graph.
#pragma once

#include "native/weights/keys.h"
#include "native/weights/read.h"

namespace fair::weights {

/// Gives the graph's matched initializers the file's values, in the element types that the graph computes with. Code::invalid where a value is not
/// finite, or too large for the graph's type; the graph is then as it was.
Result<> lay_over(onnx::Graph& graph, const KeyMatch& match, const StateDict& state);

}  // namespace fair::weights
