#include <CLI/CLI.hpp>
#include <filesystem>

#include "native/cli/desk.h"
#include "native/cli/verbs.h"
#include "native/cli/weights_loss.h"
#include "native/io/atomic_file.h"
#include "native/launch/model_choice.h"
#include "native/onnx/half_weights.h"
#include "native/onnx/int8_weights.h"
#include "native/onnx/read.h"
#include "native/onnx/state_dict.h"
#include "native/onnx/write.h"
#include "native/weights/safetensors.h"

namespace fair::cli {
namespace {

struct Options {
  std::string model, weights = "f32", dataset, split = "val", out;
};

/// The weights without their graph.
Result<Exit> run_alone(Context& context, const Options& options) {
  if (options.weights == "int8" || !options.dataset.empty())
    return fail(Code::usage, options.out, "an ONNX file (F.onnx) for --weights int8 and for --dataset", "weights alone",
                "leave both out, or export an ONNX file");
  std::optional<Desk> desk;
  if (auto opened = Desk::open(context)) desk = std::move(*opened);
  FAIR_TRY_ASSIGN(const auto model, launch::choose_model(options.model, desk ? &desk->workspace() : nullptr));
  FAIR_TRY_ASSIGN(const onnx::Model graph, onnx::read_model(model.onnx));
  for (const onnx::Tensor& t : graph.graph.initializers) {
    if (t.dims.size() >= 2 && (t.type == onnx::ElementType::f16 || t.type == onnx::ElementType::i8))
      return fail(Code::unsupported, options.model, "weights in f32 for " + options.out, "'" + t.name + "' made smaller before",
                  "export from the model that this file was exported from");
  }
  const auto state = onnx::state_of(graph);
  if (state.empty())
    return fail(Code::unsupported, options.out, "weights named as PyTorch names them", "none in " + options.model,
                "export an ONNX file: --out F.onnx");
  FAIR_TRY_ASSIGN(const std::string bytes, weights::serialize_safetensors(state, options.weights == "f16"));
  FAIR_TRY(io::write_whole(options.out, bytes));
  context.answer(
      {{"model", model.id}, {"weights", options.weights}, {"file", options.out}, {"bytes", bytes.size()}, {"tensors", state.size()}},
      options.out + ", " + std::to_string(bytes.size()) + " bytes, " + std::to_string(state.size()) + " tensors, weights " + options.weights + "\n");
  return done;
}

Result<Exit> run(Context& context, const Options& options) {
  if (std::filesystem::path(options.out).extension() == ".safetensors") return run_alone(context, options);
  if (!options.dataset.empty() && options.weights == "f32")
    return fail(Code::usage, "--dataset", "--weights f16 or int8, whose loss it measures", "--weights f32, which lose nothing",
                "leave --dataset out");
  std::optional<Desk> desk;
  if (auto opened = Desk::open(context)) desk = std::move(*opened);
  FAIR_TRY_ASSIGN(const auto model, launch::choose_model(options.model, desk ? &desk->workspace() : nullptr));
  FAIR_TRY_ASSIGN(onnx::Model graph, onnx::read_model(model.onnx));
  // Whoever gets the file needs nothing else to run it.
  if (graph.metadata_value("fair.item") == nullptr) graph.set_metadata("fair.item", model.spec.to_metadata().dump());
  if (options.weights == "f16") {
    FAIR_TRY_ASSIGN(graph, onnx::with_half_weights(std::move(graph)));
  } else if (options.weights == "int8") {
    FAIR_TRY_ASSIGN(graph, onnx::with_int8_weights(std::move(graph)));
  }
  // Before the file is written: what is wrong with the dataset leaves nothing behind, and --out may be the model's own file.
  std::optional<WeightsLoss> loss;
  Figures full;
  if (!options.dataset.empty()) {
    FAIR_TRY_ASSIGN(loss, WeightsLoss::on(options.dataset, options.split, desk ? &*desk : nullptr));
    FAIR_TRY_ASSIGN(full, loss->measure(model, model.onnx, context));
  }
  FAIR_TRY(onnx::write_model(options.out, graph));
  std::error_code error;
  const auto size = std::filesystem::file_size(options.out, error);
  Json answer{{"model", model.id}, {"weights", options.weights}, {"file", options.out}, {"bytes", size}};
  std::string text = options.out + ", " + std::to_string(size) + " bytes, weights " + options.weights + "\n";
  if (loss) {
    FAIR_TRY_ASSIGN(const Figures small, loss->measure(model, options.out, context));
    answer["dataset"] = options.dataset;
    answer["split"] = options.split;
    answer["measured"] = losses_json(full, small, options.weights);
    text += "on " + std::to_string(full.chips) + " chips (" + options.split + ") of " + options.dataset + "\n" +
            losses_table(full, small, options.weights);
  } else if (options.weights != "f32") {
    answer["measured"] = nullptr;
    text += "what it loses was not measured: name a --dataset\n";
  }
  context.answer(answer, text);
  return done;
}

}  // namespace

void add_export(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("export", "Write a model's ONNX file, self-describing");
  verb->footer(
      "f16 halves the file, int8 quarters it (weights of 1,000 elements and more, a scale a channel); both are computed with in f32, as fast as "
      "before.\n"
      "Weights alone need no calibration: a dataset is for measuring what they lose.\n"
      "Example:\n  fair export --model town-buildings --weights int8 --dataset town --out town.onnx");
  auto options = std::make_shared<Options>();
  verb->add_option("--model", options->model, "A model of the catalogue, model.onnx, or an item's file")->required()->type_name("ID|FILE");
  verb->add_option("--weights", options->weights, "f32, f16 or int8")->capture_default_str()->check(CLI::IsMember({"f32", "f16", "int8"}));
  CLI::Option* dataset =
      verb->add_option("--dataset", options->dataset, "Evaluate on it before and after: a dataset of the catalogue, or a dataset.pack")
          ->type_name("ID|PACK");
  verb->add_option("--split", options->split, "The part of it: train, val or holdout")
      ->capture_default_str()
      ->check(CLI::IsMember({"train", "val", "holdout"}))
      ->needs(dataset);
  verb->add_option("--out", options->out, "The file to write; F.safetensors: the weights alone, named as the graph names them")
      ->required()
      ->type_name("F.onnx");
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
