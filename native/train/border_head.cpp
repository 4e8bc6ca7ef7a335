#include "native/train/border_head.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <utility>
#include <vector>

#include "native/onnx/counter_random.h"

namespace fair::train {
namespace {

onnx::Tensor real_tensor(std::string name, std::vector<std::int64_t> dims, const std::vector<float>& values) {
  onnx::Tensor out;
  out.name = std::move(name);
  out.type = onnx::ElementType::f32;
  out.dims = std::move(dims);
  out.raw.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  return out;
}

const onnx::Node* maker_of(const onnx::Graph& graph, const std::string& value) {
  for (const onnx::Node& node : graph.nodes) {
    if (std::find(node.outputs.begin(), node.outputs.end(), value) != node.outputs.end()) return &node;
  }
  return nullptr;
}

/// Nodes from the first output back to the convolution that gives its channels, that one last. Empty with the reason where there is no such way.
std::vector<const onnx::Node*> way_to_convolution(const onnx::Graph& graph, std::string& why) {
  static const std::set<std::string> repeated{"Identity", "Resize", "Upsample", "Transpose", "Sigmoid", "Softmax"};
  std::vector<const onnx::Node*> way;
  std::string value = graph.outputs.front().name;
  while (const onnx::Node* node = maker_of(graph, value)) {
    way.push_back(node);
    if (node->op == "Conv" && node->inputs.size() >= 2) {
      if (const onnx::Tensor* weight = graph.initializer(node->inputs[1]); weight != nullptr && weight->dims.size() == 4) return way;
      why = "node " + node->label() + " without weights of its own";
      return {};
    }
    if (repeated.count(node->op) == 0 || node->inputs.empty()) {
      why = "node " + node->label();
      return {};
    }
    if (node->op == "Resize" && node->inputs.size() > 3 && !node->inputs[3].empty()) {
      why = "node " + node->label() + " with sizes, which count channels";
      return {};
    }
    value = node->inputs.front();
  }
  why = "no convolution";
  return {};
}

}  // namespace

bool has_border_head(const onnx::Model& model) {
  const auto& outputs = model.graph.outputs;
  if (outputs.size() != 2) return false;
  if (outputs[1].name == border_output) return true;
  const auto& shape = outputs[1].shape;
  return shape && shape->size() == 4 && ((*shape)[1].value == 1 || (*shape)[3].value == 1);
}

Result<> add_border_head(onnx::Model& model, std::uint64_t seed) {
  onnx::Graph& graph = model.graph;
  std::string why;
  const auto way = graph.outputs.size() == 1 ? way_to_convolution(graph, why) : std::vector<const onnx::Node*>{};
  if (way.empty()) {
    return fail(Code::unsupported, "an output for borders between touching things",
                "a convolution before the model's only output, and nothing but resizing after it",
                why.empty() ? std::to_string(graph.outputs.size()) + " outputs" : why, "train with borders=off");
  }
  const onnx::Tensor& weights = *graph.initializer(way.back()->inputs[1]);
  const std::vector<std::int64_t> dims{1, weights.dims[1], weights.dims[2], weights.dims[3]};
  const std::int64_t channels = weights.dims[0];
  std::vector<float> drawn(static_cast<std::size_t>(dims[1] * dims[2] * dims[3]));
  const onnx::CounterRandom random(seed, 0x626f7264);
  const double deviation = 0.5 * std::sqrt(2.0 / static_cast<double>(drawn.size()));
  for (std::size_t i = 0; i < drawn.size(); ++i) drawn[i] = static_cast<float>(deviation * (2 * random.uniform(i) - 1));

  bool turned = false;
  std::vector<onnx::Node> added;
  std::string value;
  for (auto step = way.rbegin(); step != way.rend(); ++step) {
    onnx::Node node = **step;
    if (node.op == "Sigmoid" || node.op == "Softmax") continue;
    turned = turned || node.op == "Transpose";
    if (node.op == "Conv") node.inputs = {node.inputs[0], "borders.weight", "borders.bias"};
    else node.inputs[0] = value;
    node.name = "borders." + std::to_string(added.size());
    value = node.name;
    node.outputs = {value};
    added.push_back(std::move(node));
  }
  added.back().outputs = {border_output};

  onnx::ValueInfo output = graph.outputs.front();
  output.name = border_output;
  if (output.shape && output.shape->size() == 4) {
    onnx::Dimension& axis = (*output.shape)[turned && (*output.shape)[3].value == channels ? 3 : 1];
    axis = {1, ""};
  }
  graph.initializers.push_back(real_tensor("borders.weight", dims, drawn));
  graph.initializers.push_back(real_tensor("borders.bias", {1}, {-1.0F}));
  for (onnx::Node& node : added) graph.nodes.push_back(std::move(node));
  graph.outputs.push_back(std::move(output));
  return {};
}

void remove_border_head(onnx::Model& model) {
  onnx::Graph& graph = model.graph;
  graph.outputs.resize(1);
  std::set<std::string> used{graph.outputs.front().name};
  std::vector<onnx::Node> kept;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    if (std::none_of(node->outputs.begin(), node->outputs.end(), [&](const std::string& out) { return used.count(out) != 0; })) continue;
    used.insert(node->inputs.begin(), node->inputs.end());
    kept.push_back(std::move(*node));
  }
  graph.nodes.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
  graph.initializers.erase(
      std::remove_if(graph.initializers.begin(), graph.initializers.end(), [&](const onnx::Tensor& t) { return used.count(t.name) == 0; }),
      graph.initializers.end());
}

}  // namespace fair::train
