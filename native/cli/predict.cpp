#include <CLI/CLI.hpp>

#include "core/run/hyperparameters.h"
#include "native/cli/desk.h"
#include "native/cli/interrupt.h"
#include "native/cli/overrides.h"
#include "native/cli/progress.h"
#include "native/cli/verbs.h"
#include "native/io/atomic_file.h"
#include "native/io/feature_file.h"
#include "native/io/imagery.h"
#include "native/launch/environment.h"
#include "native/launch/known_plugins.h"
#include "native/launch/prediction.h"
#include "native/runs/config_file.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string model, images, out, config, device;
  std::vector<std::string> overrides;
  int threads = 0;
};

/// The run that `--config` asks to repeat, or an empty one.
Result<run::InferenceConfig> given_config(const Options& options) {
  if (options.config.empty()) return run::InferenceConfig();
  FAIR_TRY_ASSIGN(const std::string text, io::read_whole(options.config, 16U << 20U));
  FAIR_TRY_ASSIGN(const Json document, runs::from_yaml(text, options.config));
  return run::InferenceConfig::from_json(document, options.config);
}

/// Values of a repeated run are checked like typed ones; --set wins over both.
Result<Json> parameters_of(const run::HyperparameterSpec& spec, const Json& given, const std::vector<std::string>& overrides) {
  FAIR_TRY_ASSIGN(const auto repeated, spec.with_values(given));
  Json values = repeated.inference;
  FAIR_TRY_ASSIGN(const auto typed, spec.with(overrides));
  const Json defaults = spec.defaults().inference;
  for (const auto& [key, value] : typed.inference.items()) {
    if (defaults.value(key, Json()) != value) values[key] = value;
  }
  return values;
}

Result<Exit> run(Context& context, const Options& options) {
  FAIR_TRY_ASSIGN(run::InferenceConfig config, given_config(options));
  const std::string model_name = !options.model.empty() ? options.model : config.model_uri;
  const std::string images = !options.images.empty() ? options.images : config.input_images;
  for (const auto& [value, option] : {std::pair{model_name, "--model"}, std::pair{images, "--images"}}) {
    if (value.empty()) {
      return fail(Code::usage, "predict", std::string(option) + ", or --config", "neither", "fair predict --help shows an example");
    }
  }
  std::optional<Desk> desk;
  auto opened = Desk::open(context);
  if (opened) {
    desk = std::move(*opened);
  } else if (opened.error().code != Code::not_found) {
    return fail(std::move(opened).error());
  }
  launch::PredictionRequest request;
  FAIR_TRY_ASSIGN(request.model, launch::choose_model(model_name, desk ? &desk->workspace() : nullptr));
  FAIR_TRY_ASSIGN(const auto spec, request.model.hyperparameters());
  FAIR_TRY_ASSIGN(const Json parameters, parameters_of(spec, config.inference_params, options.overrides));
  if (options.config.empty() && request.model.item) {
    FAIR_TRY_ASSIGN(config,
                    run::inference_config(*request.model.item, images, run::Hyperparameters{Json::object(), parameters}, launch::environment()));
  }
  config.inference_params = parameters;
  config.model_uri = model_name;
  config.input_images = images;
  if (!options.device.empty() || !config.extra.contains("device")) config.extra["device"] = options.device.empty() ? "auto" : options.device;
  if (options.threads > 0 || !config.extra.contains("threads")) config.extra["threads"] = options.threads;
  request.config = config;
  request.session.device = config.extra.value("device", std::string("auto"));
  request.session.threads = config.extra.value("threads", 0);
  request.sources = [&] { return io::open_imagery(images); };
  request.sink = [&](const stac::ModelSpec& model) { return io::open_feature_file(options.out, model.output.name, model.id); };

  FAIR_TRY_ASSIGN(const auto plugins, launch::known_plugins());
  runs::RunStore* store = nullptr;
  if (desk) {
    FAIR_TRY_ASSIGN(store, desk->runs());
  }
  const Interrupt interrupt;
  Progress progress("predict", "windows");
  launch::PredictionEvents events;
  events.stop = &interrupt.flag();
  events.on_progress = [&](const infer::PredictProgress& p) {
    progress.update(p.windows_done, p.windows_total, std::to_string(p.features) + " features");
  };
  FAIR_TRY_ASSIGN(const auto outcome, launch::run_prediction(request, store, plugins, events));
  progress.finish();
  for (const std::string& warning : outcome.report.warnings) context.say(warning);

  const infer::PredictReport& report = outcome.report;
  const Json json{{"run", outcome.run_id.empty() ? Json(nullptr) : Json(outcome.run_id)},
                  {"model", request.model.id},
                  {"images", images},
                  {"file", options.out},
                  {"features", report.features},
                  {"blocks", report.blocks},
                  {"blocks_missing", report.blocks_missing},
                  {"windows", report.windows},
                  {"windows_run", report.windows_run},
                  {"seconds", report.seconds},
                  {"provider", outcome.session.provider},
                  {"timing_ms", {{"imagery", outcome.open_ms}, {"session", outcome.session.create_ms}, {"run", report.run_ms}}}};
  if (options.out == "-") {
    // Standard output is the features'.
    context.say(std::to_string(report.features) + " features");
    return done;
  }
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.1f s", report.seconds);
  context.answer(json, options.out + ": " + std::to_string(report.features) + " features from " + std::to_string(report.windows_run) +
                           " windows in " + seconds + (outcome.run_id.empty() ? "" : ", run " + outcome.run_id));
  return done;
}

}  // namespace

void add_predict(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("predict", "What a model sees in imagery, as map features");
  verb->footer(
      "Images are a folder of georeferenced chips or one GeoTIFF. With a workspace the run and its config are kept there.\n"
      "Example:\n  fair predict --model town-buildings --images chips --out buildings.geojson\n"
      "  fair predict --model town.onnx --images drone.tif --set confidence_threshold=0.4 --out buildings.gpkg");
  auto options = std::make_shared<Options>();
  verb->add_option("--model", options->model, "A model of the catalogue, model.onnx, or an item's file")->type_name("ID|FILE");
  verb->add_option("--images", options->images, "Folder of chips, or one raster file")->type_name("DIR|FILE");
  verb->add_option("--out", options->out, "File to write: .geojson, .fgb or .gpkg; - is GeoJSON on standard output")->required()->type_name("FILE");
  verb->add_option("--config", options->config, "Repeat the run of this config (fair runs show RUN --config)")
      ->type_name("YAML")
      ->check(CLI::ExistingFile);
  add_overrides(verb, options->overrides);
  verb->add_option("--device", options->device, "auto, cpu or cuda")->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  verb->add_option("--threads", options->threads, "Processor threads; all where it is left out")->check(CLI::Range(1, 1024));
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
