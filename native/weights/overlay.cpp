#include "native/weights/overlay.h"

#include <cmath>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "native/onnx/half_weights.h"

namespace fair::weights {
namespace {

using onnx::ElementType;
using onnx::Tensor;

template <class T>
T at(const std::string& raw, std::size_t i) {
  T value{};
  std::memcpy(&value, raw.data() + i * sizeof(T), sizeof(T));
  return value;
}
template <class T>
void put(std::string& raw, std::size_t i, T value) {
  std::memcpy(raw.data() + i * sizeof(T), &value, sizeof(T));
}

double load(const Tensor& t, std::size_t i) {
  switch (t.type) {
    case ElementType::f16: return onnx::from_half(at<std::uint16_t>(t.raw, i));
    case ElementType::bf16: {
      const std::uint32_t bits = static_cast<std::uint32_t>(at<std::uint16_t>(t.raw, i)) << 16U;
      float value = 0;
      std::memcpy(&value, &bits, sizeof value);
      return value;
    }
    case ElementType::f64: return at<double>(t.raw, i);
    default: return at<float>(t.raw, i);
  }
}

/// What was stored, as it reads back.
double store(std::string& raw, ElementType type, std::size_t i, double value) {
  switch (type) {
    case ElementType::f16: {
      const std::uint16_t half = onnx::to_half(static_cast<float>(value));
      put(raw, i, half);
      return onnx::from_half(half);
    }
    case ElementType::f64: put(raw, i, value); return value;
    default: put(raw, i, static_cast<float>(value)); return static_cast<float>(value);
  }
}

}  // namespace

Result<> lay_over(onnx::Graph& graph, const KeyMatch& match, const StateDict& state) {
  std::unordered_map<std::string_view, const Tensor*> tensors;
  std::unordered_map<std::string_view, Tensor*> weights;
  for (const Tensor& t : state.tensors) tensors.emplace(t.name, &t);
  for (Tensor& t : graph.initializers) weights.emplace(t.name, &t);
  std::vector<std::pair<Tensor*, std::string>> ready;
  for (const KeyMatch::Pair& pair : match.matched) {
    const Tensor& from = *tensors.at(pair.key);
    Tensor& weight = *weights.at(pair.weight);
    if (weight.type == ElementType::bf16)
      return fail(Code::unsupported, "weight '" + weight.name + "'", "a graph in float32, float16 or float64", "bfloat16",
                  "export the model in float32");
    const auto elements = static_cast<std::size_t>(weight.elements());
    std::string raw(elements * onnx::size_of(weight.type), '\0');
    for (std::size_t i = 0; i < elements; ++i) {
      const double value = load(from, i);
      if (!std::isfinite(value) || !std::isfinite(store(raw, weight.type, i, value)))
        return fail(Code::invalid, "tensor '" + pair.key + "'", std::string("numbers that ") + onnx::name(weight.type) + " holds",
                    std::isnan(value) ? "not a number" : std::to_string(value), "the training that made it diverged: take an earlier checkpoint");
    }
    ready.emplace_back(&weight, std::move(raw));
  }
  for (auto& [weight, raw] : ready) weight->raw = std::move(raw);
  return {};
}

}  // namespace fair::weights
