// Any ONNX graph on ONNX Runtime, and what the two engines say of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "native/onnx/graph.h"

namespace fair::launch {

/// A seeded random f32 input from 0 to 1 of the graph's own shape; free sizes are 1 for the batch, `pixels` for an image's height and width, else 1.
/// Code::unsupported where the graph has several inputs or one that is no floating-point tensor.
[[nodiscard]] Result<onnx::Tensor> random_input(const onnx::Model& model, std::int64_t pixels, std::uint64_t seed);

/// A person's array as the graph's input: any numbers become f32. Code::incompatible where its shape is not the graph's.
[[nodiscard]] Result<onnx::Tensor> fitting_input(const onnx::Model& model, onnx::Tensor given);

/// The graph's outputs on ONNX Runtime's CPU provider. `optimised` false leaves every node as it stands: how far the two differ is the least that
/// another engine can be held to.
[[nodiscard]] Result<std::vector<onnx::Tensor>> run_on_runtime(const std::filesystem::path& model, const onnx::Tensor& input, bool optimised = true);

/// Shapes that no file says: of one input, and of the first output it gave.
struct Trial {
  std::vector<std::int64_t> input, output;
};
/// One run of the graph on numbers from 0 to 1, of 256 pixels a side or 64 where sizes are free. Errors: what ONNX Runtime says of the last one.
[[nodiscard]] Result<Trial> try_graph(const onnx::Model& model, const std::filesystem::path& file);

/// How far two arrays of one output are apart.
struct Difference {
  std::string name;
  std::vector<std::int64_t> shape;
  double largest = 0;     ///< of the absolute differences; infinite where shapes differ or only one is no number
  double magnitude = 0;   ///< the largest absolute value of the first
  std::string complaint;  ///< shapes that differ
};
[[nodiscard]] std::vector<Difference> differences(const std::vector<onnx::Tensor>& a, const std::vector<onnx::Tensor>& b);

}  // namespace fair::launch
