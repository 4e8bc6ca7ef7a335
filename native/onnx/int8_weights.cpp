#include "native/onnx/int8_weights.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "native/onnx/builder.h"

namespace fair::onnx {
namespace {

constexpr float most = 127.0F;

std::int8_t nearest(float weight, float scale) { return static_cast<std::int8_t>(std::clamp(std::nearbyint(weight / scale), -most, most)); }

/// Weights that an exporter wrote as Constant nodes become initializers of the same names, which is the same to every reader.
void lift_constants(Graph& graph) {
  std::set<std::string> read;
  for (const Node& node : graph.nodes) {
    if (node.domain.empty() && node.inputs.size() > 1) read.insert(node.inputs[1]);
  }
  std::erase_if(graph.nodes, [&](const Node& node) {
    const Attribute* value = node.op == "Constant" && node.domain.empty() ? node.attribute("value") : nullptr;
    if (value == nullptr || !value->tensor || node.outputs.empty() || read.count(node.outputs.front()) == 0) return false;
    if (value->tensor->type != ElementType::f32 || value->tensor->elements() < smallest_int8_weight) return false;
    graph.initializers.push_back(*value->tensor);
    graph.initializers.back().name = node.outputs.front();
    return true;
  });
}

/// Initializers that are weights, with the axis of their output channels.
std::map<std::string, std::size_t> weight_axes(const Graph& graph) {
  std::map<std::string, std::size_t> axes;
  for (const Node& node : graph.nodes) {
    if (!node.domain.empty() || node.inputs.size() < 2) continue;
    const Tensor* weight = graph.initializer(node.inputs[1]);
    if (weight == nullptr || weight->type != ElementType::f32 || weight->dims.size() < 2 || weight->elements() < smallest_int8_weight) continue;
    std::size_t axis = 0;
    if (node.op == "Conv") axis = 0;
    else if (node.op == "ConvTranspose") axis = 1;
    else if (node.op == "Gemm") axis = node.integer("transB", 0) != 0 ? 0 : 1;
    else if (node.op == "MatMul") axis = weight->dims.size() - 1;
    else continue;
    axes.emplace(weight->name, axis);
  }
  return axes;
}

/// Whether `scales` is one factor a step of at most one axis of `t`.
bool scales_fit(const Tensor& scales, const Tensor& t) {
  if (scales.type != ElementType::f32 || scales.dims.size() != t.dims.size()) return false;
  int along = 0;
  for (std::size_t a = 0; a < t.dims.size(); ++a) {
    if (scales.dims[a] == 1) continue;
    if (scales.dims[a] != t.dims[a]) return false;
    ++along;
  }
  return along <= 1;
}

std::vector<float> values_of(const Tensor& t) {
  std::vector<float> values(static_cast<std::size_t>(t.elements()));
  std::memcpy(values.data(), t.raw.data(), values.size() * sizeof(float));
  return values;
}

}  // namespace

Int8Weights quantise(std::span<const float> weights, std::size_t channels, std::size_t inner) {
  Int8Weights out;
  out.values.resize(weights.size());
  out.scales.assign(channels, 1.0F);
  if (weights.empty()) return out;
  const std::size_t block = channels * inner;
  const auto each = [&](std::size_t channel, auto&& visit) {
    for (std::size_t start = channel * inner; start < weights.size(); start += block) {
      for (std::size_t i = start; i < start + inner; ++i) visit(i);
    }
  };
  for (std::size_t channel = 0; channel < channels; ++channel) {
    float largest = 0;
    each(channel, [&](std::size_t i) { largest = std::max(largest, std::fabs(weights[i])); });
    // Of weights next to nothing no scale is left that a float can hold.
    if (largest < most * 0x1.0p-120F) continue;
    constexpr int steps = 32;
    double least = INFINITY;
    for (int step = steps; step >= 0; --step) {
      const float scale = largest * (0.5F + 0.5F * static_cast<float>(step) / steps) / most;
      double error = 0;
      each(channel, [&](std::size_t i) {
        const double off = static_cast<double>(weights[i]) - static_cast<double>(nearest(weights[i], scale)) * scale;
        error += off * off;
      });
      if (error < least) {
        least = error;
        out.scales[channel] = scale;
      }
    }
    each(channel, [&](std::size_t i) { out.values[i] = nearest(weights[i], out.scales[channel]); });
  }
  return out;
}

Result<Model> with_int8_weights(Model model) {
  lift_constants(model.graph);
  const auto axes = weight_axes(model.graph);
  if (axes.empty())
    return fail(Code::invalid, "graph '" + model.graph.name + "'",
                "a float32 weight of " + std::to_string(smallest_int8_weight) + " elements or more at a Conv, ConvTranspose, Gemm or MatMul", "none",
                "export with f32 weights");
  std::vector<Node> nodes;
  std::vector<Tensor> scales;
  for (auto& t : model.graph.initializers) {
    const auto found = axes.find(t.name);
    if (found == axes.end()) continue;
    const std::size_t axis = found->second;
    const std::vector<float> weights = values_of(t);
    const auto bad = std::find_if(weights.begin(), weights.end(), [](float w) { return !std::isfinite(w); });
    if (bad != weights.end())
      return fail(Code::invalid, "tensor '" + t.name + "'", "finite weights", std::to_string(*bad), "export a model whose training did not diverge");
    std::size_t inner = 1;
    for (std::size_t a = axis + 1; a < t.dims.size(); ++a) inner *= static_cast<std::size_t>(t.dims[a]);
    const Int8Weights small = quantise(weights, static_cast<std::size_t>(t.dims[axis]), inner);

    std::vector<std::int64_t> across(t.dims.size(), 1);
    across[axis] = t.dims[axis];
    scales.push_back(Tensor::of(t.name + ".scale", across, small.scales));
    Node cast;
    cast.name = "/" + t.name + "/whole";
    cast.op = "Cast";
    cast.inputs = {t.name + ".i8"};
    cast.outputs = {t.name + ".whole"};
    cast.attributes = {integer_attribute("to", static_cast<std::int64_t>(ElementType::f32))};
    Node scaled;
    scaled.name = "/" + t.name + "/f32";
    scaled.op = "Mul";
    scaled.inputs = {t.name + ".whole", t.name + ".scale"};
    scaled.outputs = {t.name};
    nodes.push_back(std::move(cast));
    nodes.push_back(std::move(scaled));
    t.name += ".i8";
    t.type = ElementType::i8;
    t.raw.assign(reinterpret_cast<const char*>(small.values.data()), small.values.size());
  }
  // Older exporters list weights as inputs too; what a node makes must not be one.
  std::erase_if(model.graph.inputs, [&](const ValueInfo& input) { return axes.count(input.name) != 0; });
  model.graph.nodes.insert(model.graph.nodes.begin(), std::make_move_iterator(nodes.begin()), std::make_move_iterator(nodes.end()));
  model.graph.initializers.insert(model.graph.initializers.end(), std::make_move_iterator(scales.begin()), std::make_move_iterator(scales.end()));
  return model;
}

Model with_int8_weights_restored(Model model) {
  Graph& graph = model.graph;
  std::map<std::string, std::string> whole;  // output of a Cast, and the int8 initializer it reads
  std::vector<std::string> spent;            // initializers and values without a reader afterwards
  for (const Node& node : graph.nodes) {
    if (node.op != "Cast" || node.inputs.size() != 1 || node.outputs.size() != 1) continue;
    const Tensor* values = graph.initializer(node.inputs[0]);
    if (values != nullptr && values->type == ElementType::i8 && values->name == node.inputs[0]) whole.emplace(node.outputs[0], values->name);
  }
  std::vector<Node> kept;
  for (Node& node : graph.nodes) {
    const auto cast = node.op == "Mul" && node.inputs.size() == 2 ? whole.find(node.inputs[0]) : whole.end();
    const Tensor* scales = cast != whole.end() ? graph.initializer(node.inputs[1]) : nullptr;
    // Names as with_int8_weights gives them: other graphs' int8 constants are left alone.
    const bool ours = scales != nullptr && node.outputs.size() == 1 && cast->second == node.outputs[0] + ".i8" &&
                      scales->name == node.outputs[0] + ".scale" && scales_fit(*scales, *graph.initializer(cast->second));
    if (!ours) {
      kept.push_back(std::move(node));
      continue;
    }
    Tensor& t = *graph.initializer(cast->second);
    const std::vector<float> factors = values_of(*scales);
    const auto along = std::find_if(scales->dims.begin(), scales->dims.end(), [](std::int64_t n) { return n != 1; });
    std::size_t inner = 1;
    if (along != scales->dims.end()) {
      for (auto a = static_cast<std::size_t>(along - scales->dims.begin()) + 1; a < t.dims.size(); ++a) inner *= static_cast<std::size_t>(t.dims[a]);
    }
    std::vector<float> weights(t.raw.size());
    for (std::size_t i = 0; i < weights.size(); ++i) {
      weights[i] = static_cast<float>(static_cast<std::int8_t>(t.raw[i])) * factors[i / inner % factors.size()];
    }
    spent.push_back(node.inputs[0]);
    spent.push_back(scales->name);
    t.name = node.outputs[0];
    t.type = ElementType::f32;
    t.raw.assign(reinterpret_cast<const char*>(weights.data()), weights.size() * sizeof(float));
  }
  const auto is_spent = [&](const std::string& name) { return std::find(spent.begin(), spent.end(), name) != spent.end(); };
  std::erase_if(kept, [&](const Node& node) { return node.op == "Cast" && node.outputs.size() == 1 && is_spent(node.outputs[0]); });
  std::erase_if(graph.initializers, [&](const Tensor& t) { return is_spent(t.name); });
  graph.nodes = std::move(kept);
  return model;
}

}  // namespace fair::onnx
