// How far a graph's outputs move where nothing but rounding changes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "native/onnx/graph.h"

namespace fair::launch {

/// The graph with every f32 weight of two axes or more moved at random, by as much as a sum in float32 of as many products as the weight takes part
/// in is off in the mean: the root of their number times a rounding (Higham and Mary 2019). Vectors stay: among them are sizes and scales.
[[nodiscard]] onnx::Model moved_by_rounding(onnx::Model model, std::uint64_t seed);

/// Per output, the largest difference that a few such graphs make on ONNX Runtime, `outputs` being what the graph itself gives there. Says how far
/// another engine's outputs may be off that adds up in another order; no other engine is asked, so that its errors stay out. Writes into the
/// temporary folder and clears up.
[[nodiscard]] Result<std::vector<double>> moved_by_rounding(const onnx::Model& model, const onnx::Tensor& input,
                                                            const std::vector<onnx::Tensor>& outputs);

}  // namespace fair::launch
