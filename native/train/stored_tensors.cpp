#include "native/train/stored_tensors.h"

#include <map>

namespace fair::train {
namespace {

/// Which inputs of an operator hold what learns, and which hold running statistics.
bool is_weight_input(const onnx::Node& node, std::size_t input, const onnx::Tensor& tensor) {
  static const std::set<std::string> weights_from_one{
      "Conv", "ConvTranspose", "Gemm", "InstanceNormalization", "LayerNormalization", "GroupNormalization", "PRelu"};
  if (node.op == "BatchNormalization") return input == 1 || input == 2;
  if (node.op == "MatMul" || node.op == "Einsum") return true;  // some exporters put the weight first
  if (weights_from_one.count(node.op) != 0) return input >= 1;
  // An affine step written out: a number a channel. Lone numbers are constants of a formula; what is named like a node's path was computed by the
  // exporter (grids of anchors, say).
  if (node.op == "Add" || node.op == "Mul") return tensor.elements() > 1 && tensor.name.rfind('/', 0) != 0;
  return false;
}

bool is_statistic_input(const onnx::Node& node, std::size_t input) { return node.op == "BatchNormalization" && (input == 3 || input == 4); }

bool is_real(onnx::ElementType type) {
  using onnx::ElementType;
  return type == ElementType::f32 || type == ElementType::f64 || type == ElementType::f16 || type == ElementType::bf16;
}

/// Tensors that the file holds: initializers and, where no weight is one, the values of Constant nodes under their outputs' names.
std::vector<std::pair<std::string, const onnx::Tensor*>> stored(const onnx::Graph& graph) {
  std::vector<std::pair<std::string, const onnx::Tensor*>> out;
  bool weights = false;
  for (const auto& t : graph.initializers) {
    out.emplace_back(t.name, &t);
    weights = weights || (is_real(t.type) && t.elements() > 1);
  }
  if (weights) return out;
  for (const auto& node : graph.nodes) {
    if (const auto* value = node.op == "Constant" ? node.attribute("value") : nullptr; value && value->tensor && !node.outputs.empty())
      out.emplace_back(node.outputs.front(), value->tensor.get());
  }
  return out;
}

/// For each value that is a stored tensor, or one merely turned, cut or put together: the names of those tensors.
std::map<std::string, std::set<std::string>> origins(const std::vector<std::pair<std::string, const onnx::Tensor*>>& tensors,
                                                     const onnx::Graph& graph) {
  static const std::set<std::string> passing{"Cast",  "CastLike", "Identity", "Transpose", "Reshape", "Squeeze",
                                             "Slice", "Flatten",  "Gather",   "Expand",    "Tile",    "Unsqueeze"};
  std::map<std::string, std::set<std::string>> out;
  for (const auto& [name, tensor] : tensors) out[name] = {name};
  for (const auto& node : graph.nodes) {
    const bool joins = node.op == "Concat";
    if ((!joins && passing.count(node.op) == 0) || node.outputs.empty()) continue;
    std::set<std::string> all;
    for (std::size_t i = 0; i < node.inputs.size() && (joins || i == 0); ++i) {
      if (const auto found = out.find(node.inputs[i]); found != out.end()) all.insert(found->second.begin(), found->second.end());
    }
    if (!all.empty()) out[node.outputs.front()] = std::move(all);
  }
  return out;
}

}  // namespace

StoredTensors find_weights(const onnx::Graph& graph) {
  StoredTensors out;
  out.tensors = stored(graph);
  const auto from = origins(out.tensors, graph);
  const std::map<std::string, const onnx::Tensor*> by_name(out.tensors.begin(), out.tensors.end());
  for (const auto& node : graph.nodes) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const auto found = from.find(node.inputs[i]);
      if (found == from.end()) continue;
      for (const auto& name : found->second) {
        const auto& tensor = *by_name.at(name);
        if (!is_real(tensor.type)) continue;
        if (is_weight_input(node, i, tensor)) out.weights.insert(name);
        if (is_statistic_input(node, i)) out.statistics.insert(name);
      }
    }
  }
  return out;
}

onnx::Tensor* stored_tensor(onnx::Graph& graph, const std::string& name) {
  if (auto* tensor = graph.initializer(name)) return tensor;
  for (auto& node : graph.nodes) {
    if (node.op != "Constant" || node.outputs.empty() || node.outputs.front() != name) continue;
    if (const auto* value = node.attribute("value")) return value->tensor.get();
  }
  return nullptr;
}

}  // namespace fair::train
