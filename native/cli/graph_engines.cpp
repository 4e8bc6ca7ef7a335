#include "native/cli/graph_engines.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "native/launch/graph_engine.h"
#include "native/onnx/npy.h"
#include "native/onnx/read.h"
#include "native/train/trainer.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

std::string number(double value) {
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%.3g", value);
  return out.data();
}

std::string shape_of(const std::vector<std::int64_t>& dims) {
  std::string out;
  for (const auto size : dims) out += (out.empty() ? "" : "×") + std::to_string(size);
  return out;
}

/// What the graph is fed, and what ONNX Runtime gives for it.
struct Start {
  onnx::Tensor input;
  std::vector<onnx::Tensor> outputs;
};

Result<Start> start(const Context& context, const GraphOptions& options, const onnx::Model& model) {
  if (!options.input.empty()) {
    FAIR_TRY_ASSIGN(onnx::Tensor given, onnx::read_npy(options.input));
    FAIR_TRY_ASSIGN(given, launch::fitting_input(model, std::move(given)));
    FAIR_TRY_ASSIGN(auto outputs, launch::run_on_runtime(options.model, given));
    return Start{std::move(given), std::move(outputs)};
  }
  for (const std::int64_t pixels : {256, 64}) {
    FAIR_TRY_ASSIGN(onnx::Tensor made, launch::random_input(model, pixels, options.seed));
    auto outputs = launch::run_on_runtime(options.model, made);
    // Some graphs have free sizes and yet work at one only.
    if (!outputs && (pixels == 64 || outputs.error().code == Code::unsupported)) return fail(outputs.error());
    if (!outputs) continue;
    context.say("no --input: random numbers from 0 to 1 of " + shape_of(made.dims) + ", seed " + std::to_string(options.seed));
    return Start{std::move(made), std::move(*outputs)};
  }
  return fail(Code::internal, "the graph's input", "one that was tried", "none");
}

/// Y.npy, or Y.NAME.npy; what a file's name must not hold becomes '_'.
fs::path file_for(const std::string& output, const std::string& name, bool several) {
  if (!several) return output;
  std::string safe = name;
  for (char& c : safe) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_' && c != '.') c = '_';
  }
  fs::path path = output;
  const auto extension = path.extension().empty() ? fs::path(".npy") : path.extension();
  return path.replace_extension(safe + extension.string());
}

/// How far an engine may be off: a share of the largest value, or what ONNX Runtime's own two ways of running the graph differ by.
Result<std::vector<double>> allowed(const GraphOptions& options, const Start& from) {
  FAIR_TRY_ASSIGN(const auto plain, launch::run_on_runtime(options.model, from.input, false));
  std::vector<double> out;
  for (const auto& d : launch::differences(from.outputs, plain)) out.push_back(std::max(1e-5 * d.magnitude, 3 * d.largest));
  return out;
}

struct Comparison {
  Json json = Json::array();
  std::string text;
  double largest = 0;
  bool held = true;
};

Comparison compare(const std::vector<onnx::Tensor>& a, const std::vector<onnx::Tensor>& b, const std::vector<double>& allowed) {
  Comparison out;
  const auto found = launch::differences(a, b);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& d = found[i];
    const double most = i < allowed.size() ? allowed[i] : 0.0;
    const bool held = d.largest <= most;
    out.held = out.held && held;
    out.largest = std::max(out.largest, d.largest);
    const Json difference = std::isfinite(d.largest) ? Json(d.largest) : Json(nullptr);
    out.json.push_back({{"output", d.name}, {"shape", d.shape}, {"largest_difference", difference}, {"allowed", most}, {"held", held}});
    out.text +=
        "  " + d.name + " " + shape_of(d.shape) + ": " +
        (d.complaint.empty() ? "largest difference " + number(d.largest) + " of " + number(d.magnitude) + ", allowed " + number(most) : d.complaint) +
        (held ? "\n" : "  NOT HELD\n");
  }
  return out;
}

}  // namespace

Result<Exit> run_graph(Context& context, const GraphOptions& options) {
  FAIR_TRY_ASSIGN(const onnx::Model model, onnx::read_model(options.model));
  FAIR_TRY_ASSIGN(Start from, start(context, options, model));
  if (options.engine == "torch") {
    FAIR_TRY_ASSIGN(const auto trainer, train::open_trainer());
    FAIR_TRY_ASSIGN(from.outputs, trainer->run_graph(options.model, from.input));
  }
  Json json{{"model", options.model}, {"engine", options.engine}, {"input", from.input.dims}, {"outputs", Json::array()}};
  std::string text;
  for (const auto& output : from.outputs) {
    const auto path = file_for(options.output, output.name, from.outputs.size() > 1);
    FAIR_TRY(onnx::write_npy(path, output));
    json["outputs"].push_back({{"name", output.name}, {"shape", output.dims}, {"type", onnx::name(output.type)}, {"file", path.string()}});
    text += path.string() + ": " + output.name + ", " + onnx::name(output.type) + " " + shape_of(output.dims) + "\n";
  }
  context.answer(json, text);
  return done;
}

Result<Exit> check_graph(Context& context, const GraphOptions& options) {
  FAIR_TRY_ASSIGN(const onnx::Model model, onnx::read_model(options.model));
  FAIR_TRY_ASSIGN(const Start from, start(context, options, model));
  FAIR_TRY_ASSIGN(const auto tolerances, allowed(options, from));
  FAIR_TRY_ASSIGN(const auto trainer, train::open_trainer());
  FAIR_TRY_ASSIGN(const auto outputs, trainer->run_graph(options.model, from.input));
  const Comparison forward = compare(from.outputs, outputs, tolerances);

  // Weights move by a step's length whatever their size, so what comes out is opened and compared anew.
  const bool keep = !options.output.empty();
  train::TrialRequest request;
  request.model = options.model;
  request.output = keep ? fs::path(options.output) : fs::temp_directory_path() / ("fair-graph-check-" + std::to_string(::getpid()) + ".onnx");
  request.steps = options.steps;
  request.seed = options.seed;
  auto trial = trainer->try_training(request, from.input);
  if (!trial) return fail(trial.error());
  GraphOptions trained = options;
  trained.model = request.output.string();
  auto again = launch::run_on_runtime(trained.model, from.input);
  std::vector<double> trained_tolerances;
  if (again) {
    if (auto made = allowed(trained, Start{from.input, *again})) trained_tolerances = std::move(*made);
  }
  std::error_code ignored;
  if (!keep) fs::remove(request.output, ignored);
  if (!again) return fail(again.error());
  const Comparison back = compare(*again, trial->outputs, trained_tolerances);

  const double first = trial->losses.front();
  const double last = trial->losses.back();
  const bool falls = last < first;
  const bool held = forward.held && falls && back.held;
  const Json json{{"model", options.model},
                  {"input", from.input.dims},
                  {"forward", forward.json},
                  {"training",
                   {{"steps", options.steps},
                    {"parameters", trial->parameters},
                    {"first_loss", first},
                    {"last_loss", last},
                    {"losses", trial->losses},
                    {"learning_rate", trial->learning_rate},
                    {"seconds", trial->seconds},
                    {"falls", falls}}},
                  {"trained", back.json},
                  {"held", held}};
  context.answer(json, "ONNX Runtime against LibTorch\n" + forward.text + "Training, " + std::to_string(options.steps) +
                           " steps towards a random target\n  " + std::to_string(trial->parameters) + " parameters in " +
                           std::to_string(trial->tensors) + " tensors, " + number(trial->seconds) + " s\n  first loss " + number(first) + ", last " +
                           number(last) + (falls ? "\n" : "  NOT HELD: it does not fall\n") + "The trained graph, ONNX Runtime against LibTorch\n" +
                           back.text + (held ? "All held." : "Not all held."));
  return held ? done : findings;
}

}  // namespace fair::cli
