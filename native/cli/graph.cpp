#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <set>

#include "native/cli/graph_engines.h"
#include "native/cli/table.h"
#include "native/cli/verbs.h"
#include "native/onnx/read.h"
#include "native/train/trainer.h"

namespace fair::cli {
namespace {

Json json_of(const std::vector<onnx::Dimension>& shape) {
  Json out = Json::array();
  for (const auto& d : shape) out.push_back(!d.param.empty() ? Json(d.param) : d.value >= 0 ? Json(d.value) : Json(nullptr));
  return out;
}

std::string text_of(const onnx::ValueInfo& value) {
  std::string shape;
  for (const auto& d : value.shape.value_or(std::vector<onnx::Dimension>{}))
    shape += (shape.empty() ? "" : "×") + (!d.param.empty() ? d.param : d.value >= 0 ? std::to_string(d.value) : std::string("?"));
  return value.name + ", " + onnx::name(value.type) + (value.shape ? " " + shape : ", no shape");
}

Json json_of(const onnx::ValueInfo& value) {
  return {{"name", value.name}, {"type", onnx::name(value.type)}, {"shape", value.shape ? json_of(*value.shape) : Json(nullptr)}};
}

/// Operators with how often each stands in the graph; those of other domains are written domain:op.
std::map<std::string, int> count_operators(const onnx::Graph& graph) {
  std::map<std::string, int> out;
  for (const auto& node : graph.nodes) ++out[node.domain.empty() || node.domain == "ai.onnx" ? node.op : node.domain + ":" + node.op];
  return out;
}

Result<Exit> info(Context& context, const std::string& path) {
  FAIR_TRY_ASSIGN(const onnx::Model model, onnx::read_model(path));
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  Json json{{"file", path}, {"bytes", bytes}, {"ir_version", model.ir_version}, {"opset", model.opset()}, {"opsets", Json::object()}};
  for (const auto& o : model.opsets) json["opsets"][o.domain.empty() ? "ai.onnx" : o.domain] = o.version;
  json["producer"] = model.producer;
  json["producer_version"] = model.producer_version;
  std::int64_t parameters = 0;
  for (const auto& t : model.graph.initializers) {
    const bool real =
        t.type == onnx::ElementType::f32 || t.type == onnx::ElementType::f16 || t.type == onnx::ElementType::bf16 || t.type == onnx::ElementType::f64;
    if (real) parameters += t.elements();
  }
  json["parameters"] = parameters;
  json["initializers"] = model.graph.initializers.size();
  json["nodes"] = model.graph.nodes.size();
  json["inputs"] = Json::array();
  json["outputs"] = Json::array();
  json["operators"] = count_operators(model.graph);
  json["metadata"] = Json::object();
  std::string text = path + ", " + std::to_string(bytes) + " bytes\n  opset      " + std::to_string(model.opset()) + ", IR version " +
                     std::to_string(model.ir_version) + "\n  producer   " + model.producer + " " + model.producer_version + "\n  parameters " +
                     std::to_string(parameters) + " in " + std::to_string(model.graph.initializers.size()) + " initializers\n";
  for (const auto* v : model.graph.feeds()) {
    json["inputs"].push_back(json_of(*v));
    text += "  input      " + text_of(*v) + "\n";
  }
  for (const auto& v : model.graph.outputs) {
    json["outputs"].push_back(json_of(v));
    text += "  output     " + text_of(v) + "\n";
  }
  text += "  nodes      " + std::to_string(model.graph.nodes.size()) + ":";
  for (const auto& [op, count] : count_operators(model.graph)) text += " " + op + (count > 1 ? " ×" + std::to_string(count) : "");
  text += "\n";
  for (const auto& m : model.metadata) {
    json["metadata"][m.key] = m.value;
    text += "  metadata   " + m.key + "\n";
  }
  context.answer(json, text);
  return done;
}

Result<Exit> ops(Context& context, const std::string& path) {
  FAIR_TRY_ASSIGN(const auto trainer, train::open_trainer());
  std::map<std::string, int> used;
  std::int64_t opset = 0;
  if (!path.empty()) {
    FAIR_TRY_ASSIGN(const onnx::Model model, onnx::read_model(path));
    used = count_operators(model.graph);
    opset = model.opset();
  }
  Json json{{"operators", Json::array()}, {"lacking", Json::array()}};
  std::vector<std::vector<std::string>> rows;
  for (const auto& o : trainer->operators()) {
    const auto count = used.find(o.op);
    if (!path.empty() && count == used.end()) continue;
    Json one{{"op", o.op}, {"since", o.since}, {"note", o.note}};
    std::vector<std::string> row{o.op, std::to_string(o.since) + "+", o.note};
    if (!path.empty()) {
      one["nodes"] = count->second;
      row.insert(row.begin() + 1, std::to_string(count->second));
      used.erase(count);
    }
    json["operators"].push_back(std::move(one));
    rows.push_back(std::move(row));
  }
  std::string text = path.empty() ? table({"OPERATOR", "OPSETS", "NOTE"}, rows) : table({"OPERATOR", "NODES", "OPSETS", "NOTE"}, rows);
  if (!path.empty()) json["opset"] = opset;
  for (const auto& [op, count] : used) {
    json["lacking"].push_back({{"op", op}, {"nodes", count}});
    text += "lacking: " + op + ", " + std::to_string(count) + (count == 1 ? " node" : " nodes") + "\n";
  }
  if (!path.empty() && used.empty()) text += path + " (opset " + std::to_string(opset) + "): the trainer has every operator of it\n";
  context.answer(json, text);
  return used.empty() ? done : findings;
}

}  // namespace

void add_graph(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("graph", "Look into an ONNX graph, run it, and see whether it can be trained");
  group->require_subcommand(1);
  const auto model = [](CLI::App* verb, std::string& path, bool required) {
    auto* option = verb->add_option("model", path, "An ONNX file")->type_name("MODEL.onnx");
    if (required) option->required();
  };
  {
    CLI::App* verb = group->add_subcommand("info", "What a graph takes, gives and consists of");
    auto path = std::make_shared<std::string>();
    model(verb, *path, true);
    context.on(verb, [path](Context& c) { return info(c, *path); });
  }
  {
    CLI::App* verb = group->add_subcommand("ops", "The operators the trainer has; of a graph, those it uses and those that are lacking");
    verb->footer("Exit status 3 where the graph uses an operator that is lacking.\nExample:\n  fair graph ops exported.onnx");
    auto path = std::make_shared<std::string>();
    model(verb, *path, false);
    context.on(verb, [path](Context& c) { return ops(c, *path); });
  }
  const auto input = [](CLI::App* verb, GraphOptions& options) {
    verb->add_option("--input", options.input, "An array of the graph's input shape; without it a seeded random one")->type_name("X.npy");
    verb->add_option("--seed", options.seed, "Of the random input and target")->capture_default_str();
  };
  {
    CLI::App* verb = group->add_subcommand("run", "Run a graph once and keep its outputs");
    verb->footer(
        "Y.npy is written for one output, Y.NAME.npy for each of several.\nExample:\n  fair graph run exported.onnx --input x.npy --engine torch "
        "--output y.npy");
    auto options = std::make_shared<GraphOptions>();
    model(verb, options->model, true);
    input(verb, *options);
    verb->add_option("--engine", options->engine, "ort (ONNX Runtime, as predictions use) or torch (LibTorch, as training uses)")
        ->capture_default_str()
        ->check(CLI::IsMember({"ort", "torch"}));
    verb->add_option("--output", options->output, "Where the outputs go")->required()->type_name("Y.npy");
    context.on(verb, [options](Context& c) { return run_graph(c, *options); });
  }
  {
    CLI::App* verb = group->add_subcommand("check", "Do both engines agree on a graph, and does it learn?");
    verb->footer(
        "Runs the graph on ONNX Runtime and on LibTorch, prints the largest difference, takes training steps towards a random target, and opens the\n"
        "result in ONNX Runtime again. Exit status 0 only where all of it held, 3 where not.\nExample:\n  fair graph check exported.onnx");
    auto options = std::make_shared<GraphOptions>();
    model(verb, options->model, true);
    input(verb, *options);
    verb->add_option("--steps", options->steps, "Training steps")->capture_default_str()->check(CLI::Range(1, 10000));
    verb->add_option("--output", options->output, "Keep the trained graph here")->type_name("TRAINED.onnx");
    context.on(verb, [options](Context& c) { return check_graph(c, *options); });
  }
}

}  // namespace fair::cli
