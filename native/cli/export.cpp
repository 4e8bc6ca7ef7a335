#include <CLI/CLI.hpp>
#include <filesystem>

#include "native/cli/desk.h"
#include "native/cli/verbs.h"
#include "native/launch/model_choice.h"
#include "native/onnx/half_weights.h"
#include "native/onnx/read.h"
#include "native/onnx/write.h"

namespace fair::cli {
namespace {

struct Options {
  std::string model, weights = "f32", out;
};

Result<Exit> run(Context& context, const Options& options) {
  std::optional<Desk> desk;
  if (auto opened = Desk::open(context)) desk = std::move(*opened);
  FAIR_TRY_ASSIGN(const auto model, launch::choose_model(options.model, desk ? &desk->workspace() : nullptr));
  FAIR_TRY_ASSIGN(onnx::Model graph, onnx::read_model(model.onnx));
  // Whoever gets the file needs nothing else to run it.
  if (graph.metadata_value("fair.item") == nullptr) graph.set_metadata("fair.item", model.spec.to_metadata().dump());
  if (options.weights == "f16") {
    FAIR_TRY_ASSIGN(graph, onnx::with_half_weights(std::move(graph)));
  }
  FAIR_TRY(onnx::write_model(options.out, graph));
  std::error_code error;
  const auto size = std::filesystem::file_size(options.out, error);
  context.answer({{"model", model.id}, {"weights", options.weights}, {"file", options.out}, {"bytes", size}},
                 options.out + ", " + std::to_string(size) + " bytes, weights " + options.weights);
  return done;
}

}  // namespace

void add_export(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("export", "Write a model's ONNX file, self-describing");
  verb->footer("f16 halves the file; it is computed with in f32.\nExample:\n  fair export --model town-buildings --weights f16 --out town.onnx");
  auto options = std::make_shared<Options>();
  verb->add_option("--model", options->model, "A model of the catalogue, model.onnx, or an item's file")->required()->type_name("ID|FILE");
  verb->add_option("--weights", options->weights, "f32 or f16")->capture_default_str()->check(CLI::IsMember({"f32", "f16"}));
  verb->add_option("--out", options->out, "The file to write")->required()->type_name("F.onnx");
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
