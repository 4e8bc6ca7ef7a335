#include "native/train/program.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <stdexcept>

#include "native/train/stored_tensors.h"

namespace fair::train {
namespace {

bool begins_with_any(const std::string& name, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const auto& p) { return name.rfind(p, 0) == 0; });
}

}  // namespace

class Compiler {
 public:
  Compiler(const onnx::Model& model, const ProgramOptions& options) : graph_(model.graph), options_(options), opset_(model.opset()) {}

  Result<Program> compile() {
    const auto feeds = graph_.feeds();
    if (options_.learns && feeds.size() != 1)
      return fail(Code::unsupported, "the model's inputs", "one input that is no weight", std::to_string(feeds.size()));
    if (graph_.outputs.empty()) return fail(Code::invalid, "the model's outputs", "at least one", "none");
    FAIR_TRY(check_operators());
    try {
      count_uses();
      if (options_.logits) find_closing_activation();
      bind_initializers();
      for (const auto* feed : feeds) program_.input_slots_.push_back(slot(feed->name));
      for (const auto& node : graph_.nodes) FAIR_TRY(add_step(node));
      for (const auto& out : graph_.outputs) {
        const auto found = slots_.find(out.name);
        if (found == slots_.end()) return fail(Code::invalid, "output '" + out.name + "'", "a node that makes it", "none");
        program_.output_slots_.push_back(found->second);
      }
      for (const auto& tap : options_.taps) {
        const auto found = slots_.find(tap);
        if (found == slots_.end()) return fail(Code::invalid, "tap '" + tap + "'", "a value of the graph", "none of that name");
        program_.output_slots_.push_back(found->second);
      }
    } catch (const std::exception& e) {
      return fail(Code::invalid, "the model's graph", "a graph that can be prepared for training", e.what());
    }
    if (options_.learns && program_.parameters_.empty()) {
      return fail(Code::unsupported, "the model's weights", "at least one that learns", program_.frozen_.empty() ? "none" : "all of them frozen",
                  "set freeze_encoder=false, or export the model with its weights as initializers");
    }
    if (options_.learns_from_taps) find_steps_of_taps();
    find_last_uses();
    program_.constants_.resize(slots_.size());
    return std::move(program_);
  }

 private:
  Error cannot(const onnx::Node& node, std::string why) const {
    return Error{Code::unsupported, "node " + node.label(), "an operator the trainer knows (opset " + std::to_string(opset_) + ")", std::move(why),
                 "export the model with a newer exporter or without this node; prediction may still work"};
  }

  Result<> check_operators() const {
    for (const auto& node : graph_.nodes) {
      if (!node.domain.empty() && node.domain != "ai.onnx") return fail(cannot(node, "operator " + node.op + " of domain " + node.domain));
      if (!find_operator(node.op)) return fail(cannot(node, "operator " + node.op));
    }
    return {};
  }

  void count_uses() {
    for (const auto& node : graph_.nodes) {
      for (const auto& in : node.inputs) {
        ++uses_[in];
        reader_[in] = &node;
      }
      for (const auto& out : node.outputs) maker_[out] = &node;
    }
    for (const auto& out : graph_.outputs) ++uses_[out.name];
    for (const auto& tap : options_.taps) ++uses_[tap];
  }

  void find_closing_activation() {
    static const std::set<std::string> carries{"Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Cast"};
    auto made = maker_.find(graph_.outputs.front().name);
    while (made != maker_.end() && uses_.at(made->first) == 1) {  // other readers want what the activation makes
      const auto& node = *made->second;
      if (node.op == "Sigmoid" || node.op == "Softmax") {
        closing_ = &node;
        program_.closing_activation_ = node.op;
        return;
      }
      if (carries.count(node.op) == 0 || node.inputs.empty()) return;
      made = maker_.find(node.inputs.front());
    }
  }

  int slot(const std::string& name) { return slots_.emplace(name, static_cast<int>(slots_.size())).first->second; }

  void set_constant(const std::string& name, at::Tensor value) {
    const auto at = static_cast<std::size_t>(slot(name));
    if (program_.constants_.size() <= at) program_.constants_.resize(at + 1);
    program_.constants_[at] = std::move(value);
  }
  at::Tensor constant(const std::string& name) const {
    const auto found = slots_.find(name);
    if (found == slots_.end() || static_cast<std::size_t>(found->second) >= program_.constants_.size()) return {};
    return program_.constants_[static_cast<std::size_t>(found->second)];
  }

  void bind_initializers() {
    const StoredTensors stored = find_weights(graph_);
    for (const auto& [name, tensor] : stored.tensors) {
      const auto& t = *tensor;
      if (t.type == onnx::ElementType::text) continue;
      auto value = to_tensor(t, options_.real);
      const bool moves = stored.weights.count(name) != 0 || stored.statistics.count(name) != 0;
      if (at::isFloatingType(value.scalar_type())) value = value.to(options_.device);
      if (moves && value.dim() == 4 && options_.channels_last) value = value.contiguous(at::MemoryFormat::ChannelsLast);
      if (stored.statistics.count(name) != 0) {
        program_.buffers_.push_back(NamedTensor{name, value});
      } else if (moves) {
        const bool frozen = begins_with_any(name, options_.frozen);
        if (!frozen) value.set_requires_grad(true);
        (frozen ? program_.frozen_ : program_.parameters_).push_back(NamedTensor{name, value});
      }
      if (moves) variable_.insert(name);
      set_constant(name, value);
    }
  }

  bool may_overwrite_first_input(const onnx::Node& node) const {
    static const std::set<std::string> overwriting{"Relu", "Add"};
    // Their backward passes do not look at their outputs.
    static const std::set<std::string> forgetful{"Conv", "ConvTranspose", "BatchNormalization", "Add"};
    if (overwriting.count(node.op) == 0 || node.inputs.empty()) return false;
    const auto made = maker_.find(node.inputs.front());
    if (made == maker_.end() || forgetful.count(made->second->op) == 0) return false;
    const auto used = uses_.find(node.inputs.front());
    return used != uses_.end() && used->second == 1;
  }

  /// A normalisation does the Relu or SiLU behind it on the way, where nobody else wants the value between them.
  Activation activation_of(const onnx::Node& node) const {
    if (node.op != "BatchNormalization" || node.outputs.empty()) return Activation::none;
    const auto used = uses_.find(node.outputs.front());
    const auto reader = reader_.find(node.outputs.front());
    if (used == uses_.end() || reader == reader_.end()) return Activation::none;
    if (used->second == 1 && reader->second->op == "Relu") return Activation::relu;
    return used->second == 2 && is_silu(*reader->second) ? Activation::silu : Activation::none;  // read by the Sigmoid and by the Mul
  }
  bool taken_over(const onnx::Node& node) const {
    if (node.inputs.empty() || (node.op != "Relu" && !is_silu(node))) return false;
    return std::any_of(node.inputs.begin(), node.inputs.end(), [&](const std::string& in) {
      const auto made = maker_.find(in);
      return made != maker_.end() && activation_of(*made->second) != Activation::none;
    });
  }

  /// x · sigmoid(x), which LibTorch has as one step that keeps one value less for the way back.
  bool is_silu(const onnx::Node& node) const {
    if (node.op != "Mul" || node.inputs.size() != 2) return false;
    for (const std::size_t i : {0, 1}) {
      const auto made = maker_.find(node.inputs[i]);
      if (made == maker_.end() || made->second->op != "Sigmoid" || made->second == closing_) continue;
      if (uses_.at(node.inputs[i]) == 1 && made->second->inputs.front() == node.inputs[1 - i]) return true;
    }
    return false;
  }
  bool only_silu_reads(const onnx::Node& node) const {
    if (node.op != "Sigmoid" || node.outputs.empty()) return false;
    const auto reader = reader_.find(node.outputs.front());
    return reader != reader_.end() && is_silu(*reader->second);
  }

  Result<> add_step(const onnx::Node& node) {
    // A constant that was bound with the weights.
    if (node.op == "Constant" && !node.outputs.empty() && constant(node.outputs.front()).defined()) return {};
    bool fixed = true;  // every input known and never changed by learning: the node can run now, once
    bool frozen = false;
    Tensors known;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const auto& in = node.inputs[i];
      if (in.empty()) {
        known.emplace_back();
        continue;
      }
      if (slots_.count(in) == 0)
        return fail(Code::invalid, "node " + node.label(), "inputs that are made before it", "'" + in + "', which nothing makes");
      known.push_back(constant(in));
      const bool only_measured = node.op == "Shape";
      if (!known.back().defined() || (variable_.count(in) != 0 && !only_measured)) fixed = false;
      frozen = frozen || (node.op == "BatchNormalization" && i == 1 && begins_with_any(in, options_.frozen));
    }
    try {
      const NodeContext context{node, opset_, options_.real, program_.mode_, frozen, may_overwrite_first_input(node), activation_of(node)};
      const bool passes_through = &node == closing_ || taken_over(node) || only_silu_reads(node);
      if (node.op == "CastLike" && known.size() == 2 && known[0].defined() && !known[1].defined()) {
        // Values that are made by running are floating-point ones.
        set_constant(node.outputs.front(), at::isFloatingType(known[0].scalar_type()) ? known[0] : known[0].to(options_.real));
        return {};
      }
      Program::Step step;
      if (passes_through) step.kernel = [](Tensors& in) -> Tensors { return {in[0]}; };
      else if (is_silu(node)) step.kernel = [](Tensors& in) -> Tensors { return {at::silu(in[0])}; };
      else step.kernel = find_operator(node.op)(context);
      if (fixed) {
        const c10::NoGradGuard no_gradients;
        const auto values = step.kernel(known);
        for (std::size_t i = 0; i < node.outputs.size() && i < values.size(); ++i) {
          const bool moves = at::isFloatingType(values[i].scalar_type()) && values[i].dim() > 0;
          set_constant(node.outputs[i], moves ? values[i].to(options_.device) : values[i]);
        }
        return {};
      }
      step.label = node.label();
      for (const auto& in : node.inputs) step.inputs.push_back(in.empty() ? -1 : slot(in));
      for (const auto& out : node.outputs) step.outputs.push_back(out.empty() ? -1 : slot(out));
      program_.steps_.push_back(std::move(step));
    } catch (const Unsupported& e) {
      return fail(cannot(node, std::string(e.what()) + " of operator " + node.op));
    }
    return {};
  }

  void find_steps_of_taps() {
    std::set<int> wanted;
    for (const auto& tap : options_.taps) wanted.insert(slot(tap));
    for (auto step = program_.steps_.rbegin(); step != program_.steps_.rend(); ++step) {
      step->trains = std::any_of(step->outputs.begin(), step->outputs.end(), [&](int s) { return wanted.count(s) != 0; });
      if (step->trains) wanted.insert(step->inputs.begin(), step->inputs.end());
    }
  }

  void find_last_uses() {
    std::set<int> kept(program_.output_slots_.begin(), program_.output_slots_.end());
    program_.constants_.resize(slots_.size());
    for (std::size_t i = program_.steps_.size(); i-- > 0;) {
      auto& step = program_.steps_[i];
      for (const auto* list : {&step.inputs, &step.outputs}) {
        for (const int s : *list) {
          if (s >= 0 && !program_.constants_[static_cast<std::size_t>(s)].defined() && kept.insert(s).second) step.drops.push_back(s);
        }
      }
    }
  }

  const onnx::Graph& graph_;
  const ProgramOptions& options_;
  std::int64_t opset_;
  Program program_;
  std::map<std::string, int> slots_;
  std::map<std::string, int> uses_;
  std::map<std::string, const onnx::Node*> maker_, reader_;  ///< reader_: the last one
  std::set<std::string> variable_;                           ///< initializers that learning changes
  const onnx::Node* closing_ = nullptr;
};

Result<Program> Program::compile(const onnx::Model& model, const ProgramOptions& options) { return Compiler(model, options).compile(); }

Tensors Program::run(const Tensors& inputs) const {
  if (inputs.size() != input_slots_.size())
    throw std::invalid_argument(std::to_string(inputs.size()) + " inputs for a graph of " + std::to_string(input_slots_.size()));
  std::vector<at::Tensor> values = constants_;
  for (std::size_t i = 0; i < inputs.size(); ++i) values[static_cast<std::size_t>(input_slots_[i])] = inputs[i];
  Tensors in;
  for (const auto& step : steps_) {
    if (mode_->training && !step.trains) continue;
    in.clear();
    for (const int s : step.inputs) in.push_back(s < 0 ? at::Tensor() : values[static_cast<std::size_t>(s)]);
    Tensors out;
    try {
      out = step.kernel(in);
    } catch (const Unsupported& e) {
      throw Unsupported("node " + step.label + ": " + e.what());
    }
    for (std::size_t i = 0; i < step.outputs.size() && i < out.size(); ++i) {
      if (step.outputs[i] >= 0) values[static_cast<std::size_t>(step.outputs[i])] = std::move(out[i]);
    }
    in.clear();
    for (const int s : step.drops) values[static_cast<std::size_t>(s)] = at::Tensor();
  }
  Tensors outputs;
  for (const int s : output_slots_) outputs.push_back(values[static_cast<std::size_t>(s)]);
  return outputs;
}

void Program::write_back(onnx::Model& model) const {
  const auto type_of = [](onnx::ElementType type) {
    switch (type) {
      case onnx::ElementType::f64: return at::kDouble;
      case onnx::ElementType::f16: return at::kHalf;
      case onnx::ElementType::bf16: return at::kBFloat16;
      default: return at::kFloat;
    }
  };
  for (const auto* group : {&parameters_, &buffers_}) {
    for (const auto& p : *group) {
      auto* tensor = stored_tensor(model.graph, p.name);
      if (!tensor) continue;
      const auto value = p.value.detach().to(at::kCPU).to(type_of(tensor->type)).contiguous();
      tensor->raw.assign(static_cast<const char*>(value.data_ptr()), static_cast<std::size_t>(value.nbytes()));
    }
  }
}

}  // namespace fair::train
