#include "native/onnx/untied_weights.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace fair::onnx {
namespace {

/// Several elements, all of the same bytes.
bool is_even(const Tensor& tensor) {
  const bool real = tensor.type == ElementType::f32 || tensor.type == ElementType::f64 || tensor.type == ElementType::f16;
  const std::size_t size = size_of(tensor.type);
  if (!real || tensor.raw.size() < 2 * size || tensor.raw.size() % size != 0) return false;
  return std::equal(tensor.raw.begin() + static_cast<std::ptrdiff_t>(size), tensor.raw.end(), tensor.raw.begin());
}

class Untying {
 public:
  explicit Untying(Graph& graph) : graph_(graph) {
    for (const Tensor& tensor : graph.initializers) {
      names_.insert(tensor.name);
      if (is_even(tensor)) even_[tensor.name] = tensor;
    }
    for (const Node& node : graph.nodes) names_.insert(node.outputs.begin(), node.outputs.end());
    for (const ValueInfo& output : graph.outputs) handed_out_.insert(output.name);
  }

  void run() {
    graph_.nodes.erase(std::remove_if(graph_.nodes.begin(), graph_.nodes.end(), [this](const Node& node) { return became_weight(node); }),
                       graph_.nodes.end());
    std::set<std::string> used = handed_out_;
    for (Node& node : graph_.nodes) {
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const auto tensor = even_.find(node.inputs[i]);
        if (tensor == even_.end() || used.insert(node.inputs[i]).second) continue;
        const std::string maker = node.outputs.empty() ? node.name : node.outputs.front();
        node.inputs[i] = add(maker + ".input" + std::to_string(i), tensor->second);
      }
    }
    graph_.initializers.insert(graph_.initializers.end(), std::make_move_iterator(added_.begin()), std::make_move_iterator(added_.end()));
  }

 private:
  /// An Identity of such an initializer is another use of it under a name of its own.
  bool became_weight(const Node& node) {
    if (node.op != "Identity" || node.inputs.size() != 1 || node.outputs.size() != 1 || handed_out_.count(node.outputs[0]) != 0) return false;
    const auto tensor = even_.find(node.inputs[0]);
    if (tensor == even_.end()) return false;
    Tensor copy = tensor->second;
    copy.name = node.outputs[0];
    even_[copy.name] = copy;
    added_.push_back(std::move(copy));
    return true;
  }

  std::string add(std::string name, Tensor copy) {
    while (!names_.insert(name).second) name += '_';
    copy.name = name;
    added_.push_back(std::move(copy));
    return name;
  }

  Graph& graph_;
  std::map<std::string, Tensor> even_;
  std::set<std::string> names_, handed_out_;
  std::vector<Tensor> added_;
};

}  // namespace

Model with_weights_untied(Model model) {
  Untying(model.graph).run();
  return model;
}

}  // namespace fair::onnx
