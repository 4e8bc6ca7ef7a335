#include "native/launch/rounding.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "native/launch/graph_engine.h"
#include "native/onnx/counter_random.h"
#include "native/onnx/write.h"

namespace fair::launch {
namespace fs = std::filesystem;
namespace {

constexpr double rounding = 0x1p-24;
constexpr std::uint64_t draws = 3;

/// Products in one sum: of a convolution those of an output channel; of a matrix, which may stand either way, the longer side.
double products(const onnx::Tensor& weight) {
  const auto& dims = weight.dims;
  return static_cast<double>(dims.size() == 2 ? std::max(dims[0], dims[1]) : weight.elements() / std::max<std::int64_t>(dims[0], 1));
}

}  // namespace

onnx::Model moved_by_rounding(onnx::Model model, std::uint64_t seed) {
  for (onnx::Tensor& weight : model.graph.initializers) {
    if (weight.type != onnx::ElementType::f32 || weight.dims.size() < 2) continue;
    const onnx::CounterRandom random(seed, onnx::CounterRandom::stream_of(weight.name));
    const double reach = rounding * std::sqrt(products(weight));
    float* values = weight.f32();
    for (std::int64_t i = 0; i < weight.elements(); ++i)
      values[i] = static_cast<float>(values[i] * (1.0 + reach * (2.0 * random.uniform(static_cast<std::uint64_t>(i)) - 1.0)));
  }
  return model;
}

Result<std::vector<double>> moved_by_rounding(const onnx::Model& model, const onnx::Tensor& input, const std::vector<onnx::Tensor>& outputs) {
  std::vector<double> out(outputs.size(), 0.0);
  const fs::path file = fs::temp_directory_path() / ("fair-rounding-" + std::to_string(::getpid()) + ".onnx");
  for (std::uint64_t seed = 0; seed < draws; ++seed) {
    FAIR_TRY(onnx::write_model(file, moved_by_rounding(model, seed)));
    const auto moved = run_on_runtime(file, input);
    std::error_code ignored;
    fs::remove(file, ignored);
    if (!moved) return fail(moved.error());
    const auto found = differences(outputs, *moved);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::max(out[i], found[i].largest);
  }
  return out;
}

}  // namespace fair::launch
