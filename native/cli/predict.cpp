#include <CLI/CLI.hpp>
#include <algorithm>

#include "core/run/hyperparameters.h"
#include "core/vector/area_document.h"
#include "native/cli/address.h"
#include "native/cli/desk.h"
#include "native/cli/interrupt.h"
#include "native/cli/overrides.h"
#include "native/cli/progress.h"
#include "native/cli/verbs.h"
#include "native/io/atomic_file.h"
#include "native/io/feature_file.h"
#include "native/io/imagery.h"
#ifdef FAIR_WITH_CURL
#include "native/cli/predict_on_cluster.h"
#include "native/http/address_rules.h"
#include "native/io/tile_cache.h"
#include "native/io/tile_imagery.h"
#endif
#include "native/launch/environment.h"
#include "native/launch/known_plugins.h"
#include "native/launch/prediction.h"
#include "native/launch/recorder.h"
#include "native/runs/config_file.h"
#include "native/store/address.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string model, images, out, config, resume, device, box, area, shard;
  bool clip = false;
  std::vector<std::string> overrides;
  int threads = 0, shards = 0;
  std::int32_t zoom = -1, tile_size = 0;
  std::int64_t max_tiles = 0;
  bool only_public = false, https_only = false;
  std::vector<std::string> allow_hosts, allow_private;
};

#ifdef FAIR_WITH_CURL
using Rules = std::shared_ptr<const http::AddressRules>;

/// For whoever predicts what strangers ask for: which addresses may be asked joins the config, so that whoever does the work, here or in a pod, keeps
/// to it.
Result<Rules> rules_of(const Options& options, Json& extra) {
  constexpr const char* key = "address_rules";
  const http::AddressRules::Lists asked{options.allow_hosts, options.allow_private, options.https_only};
  if (options.only_public || asked.to_json() != http::AddressRules::Lists().to_json()) extra[key] = asked.to_json();
  if (!extra.contains(key)) return Rules();
  FAIR_TRY_ASSIGN(const auto kept, http::AddressRules::Lists::from_json(extra[key], key));
  FAIR_TRY_ASSIGN(auto rules, http::AddressRules::from(kept));
  return std::make_shared<const http::AddressRules>(std::move(rules));
}
#else
using Rules = std::nullptr_t;
Result<Rules> rules_of(const Options&, Json&) { return nullptr; }
#endif

/// A template of tiles or TileJSON, not a raster that lies on the web.
bool is_tiles(const std::string& images) {
  if (images.rfind("http://", 0) != 0 && images.rfind("https://", 0) != 0) return false;
  const std::string plain = images.substr(0, images.find_first_of("?#"));
  const std::string ending = fs::path(plain).extension().string();
  return images.find('{') != std::string::npos || (ending != ".tif" && ending != ".tiff" && ending != ".vrt");
}

/// The area asked for joins the config, so that the config alone repeats the run.
Result<> add_area(const Options& options, Json& extra) {
  if (!options.area.empty()) {
    FAIR_TRY_ASSIGN(const std::string text, io::read_whole(options.area, 64U << 20U));
    FAIR_TRY_ASSIGN(extra["area"], parse_json(text, options.area));
  }
  if (options.clip) extra["clip"] = true;
  if (!options.box.empty()) extra["bbox"] = options.box;
  if (options.zoom >= 0) extra["zoom"] = options.zoom;
  if (options.tile_size > 0) extra["tile_size"] = options.tile_size;
  if (options.max_tiles > 0) extra["max_tiles"] = options.max_tiles;
  return {};
}

/// Outside of which features are cut away: the polygons of --area, or with --clip the box of tiles. Empty: nothing is cut.
Result<vector::MultiPolygon> kept_area(const Json& extra) {
  if (const auto area = extra.find("area"); area != extra.end()) return vector::polygons_from(*area, "area");
  vector::MultiPolygon kept;
#ifdef FAIR_WITH_CURL
  const auto clip = extra.find("clip");
  if (clip == extra.end() || *clip != true) return kept;
  const auto box = extra.find("bbox");
  if (box == extra.end() || !box->is_string()) return fail(Code::usage, "clip", "--bbox to cut at", "none", "give --bbox, or --area FILE.geojson");
  FAIR_TRY_ASSIGN(const geo::Bounds b, io::box_from(box->get<std::string>()));
  const auto add = [&](double west, double east) { kept.push_back({{{west, b.south}, {east, b.south}, {east, b.north}, {west, b.north}}}); };
  if (b.west <= b.east) {
    add(b.west, b.east);
  } else {
    add(b.west, 180);
    add(-180, b.east);
  }
#else
  (void)extra;
#endif
  return kept;
}

/// The box around polygons.
geo::Bounds box_around(const vector::MultiPolygon& polygons) {
  geo::Bounds box{180, 90, -180, -90};
  for (const vector::Polygon& polygon : polygons) {
    for (const vector::Point& p : polygon.front()) {
      box = {std::min(box.west, p.x), std::min(box.south, p.y), std::max(box.east, p.x), std::max(box.north, p.y)};
    }
  }
  return box;
}

/// A number of the config, which a person may have edited.
template <class T>
Result<T> number_in(const Json& extra, const char* key, T otherwise) {
  const auto found = extra.find(key);
  if (found == extra.end() || found->is_null()) return otherwise;
  if (!found->is_number_integer()) return fail(Code::usage, std::string("config extra.fair.") + key, "a whole number", found->dump(), "correct it");
  return found->get<T>();
}

Result<std::vector<std::unique_ptr<infer::BlockSource>>> imagery(const std::string& images, const Json& extra, const vector::MultiPolygon& area,
                                                                 double gsd, const std::atomic<bool>* stop, const Rules& rules) {
  if (!is_tiles(images)) {
    if (extra.contains("bbox") || extra.contains("zoom")) {
      return fail(Code::usage, images, "a tile template or TileJSON with --bbox and --zoom", "files",
                  "leave out --bbox and --zoom: files are read whole");
    }
    return io::open_imagery(images, gsd);
  }
#ifdef FAIR_WITH_CURL
  io::TileRequest request;
  request.address = images;
  if (const auto box = extra.find("bbox"); box != extra.end()) {
    FAIR_TRY_ASSIGN(request.box, io::box_from(box->is_string() ? box->get<std::string>() : box->dump()));
  } else if (!area.empty()) {
    request.box = box_around(area);
  }
  if (extra.contains("zoom")) {
    FAIR_TRY_ASSIGN(request.zoom, number_in<std::int32_t>(extra, "zoom", 0));
  }
  FAIR_TRY_ASSIGN(request.tile_size, number_in(extra, "tile_size", request.tile_size));
  FAIR_TRY_ASSIGN(request.most_tiles, number_in(extra, "max_tiles", request.most_tiles));
  io::FetchOptions fetching;
  fetching.cache_folder = io::TileCache::usual_folder();
  fetching.stop = stop;
  fetching.rules = rules;
  return io::open_tiles(request, fetching);
#else
  (void)stop;
  (void)rules;
  (void)area;
  return fail(Code::unsupported, images, "a fair with libcurl", "one built without", "download the imagery, or build with FAIR_WITH_CURL");
#endif
}

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

/// "2/8": the third of eight.
Result<> take_shard(const std::string& text, launch::PredictionRequest& request) {
  char rest = 0;
  long long index = -1, count = 0;
  if (std::sscanf(text.c_str(), "%lld/%lld%c", &index, &count, &rest) != 2 || index < 0 || count < 1 || index >= count || count > 100000) {
    return fail(Code::usage, "--shard", "I/N, I from 0 to N - 1", text, "--shard 0/4 is the first of four");
  }
  request.shard_index = index, request.shard_count = count;
  return {};
}

/// A cluster's prediction whose program went before its pods did.
Result<Exit> resume(Context& context, const Options& options) {
#ifdef FAIR_WITH_CURL
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  if (desk.on_a_cluster()) return resume_on_cluster(context, desk, options.resume, options.out);
#else
  (void)context, (void)options;
#endif
  return fail(Code::unsupported, "--resume", "a stack whose launcher is kubernetes: there predictions go on without this program", "another",
              "fair predict --config repeats a run");
}

Result<Exit> run(Context& context, const Options& options) {
  if (!options.resume.empty()) return resume(context, options);
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
  FAIR_TRY_ASSIGN(request.model, chosen_model(context, model_name, desk ? &desk->workspace() : nullptr));
  FAIR_TRY_ASSIGN(const auto spec, request.model.hyperparameters());
  FAIR_TRY_ASSIGN(const Json parameters, parameters_of(spec, config.inference_params, options.overrides));
  if (options.config.empty()) {
    const run::Hyperparameters values{Json::object(), parameters};
    if (request.model.item) {
      FAIR_TRY_ASSIGN(config, run::inference_config(*request.model.item, images, values, launch::environment()));
    } else {
      config = run::inference_config(model_name, images, values, launch::environment());
    }
  }
  config.inference_params = parameters;
  config.model_uri = store::unsigned_address(model_name);
  config.input_images = store::unsigned_address(images);
  if (!options.device.empty() || !config.extra.contains("device")) config.extra["device"] = options.device.empty() ? "auto" : options.device;
  if (options.threads > 0 || !config.extra.contains("threads")) config.extra["threads"] = options.threads;
  FAIR_TRY_ASSIGN(const Rules rules, rules_of(options, config.extra));
  FAIR_TRY(add_area(options, config.extra));
  FAIR_TRY_ASSIGN(request.area, kept_area(config.extra));
  request.config = config;
#ifdef FAIR_WITH_CURL
  if (desk && desk->on_a_cluster() && is_tiles(images) && options.shard.empty())
    return predict_on_cluster(context, *desk, {request.model, request.config, options.out, options.shards});
#endif
  request.session.device = config.extra.value("device", std::string("auto"));
  request.session.threads = config.extra.value("threads", 0);
  const Interrupt interrupt;
  std::string source = images;
  if (!is_tiles(images)) {
    // What is fetched whole is fetched without asking the rules, and a path names a file of this machine.
    if (rules != nullptr) return fail(Code::usage, images, "a tile template or TileJSON", "a file", "strangers' imagery is read as tiles alone");
    FAIR_TRY_ASSIGN(const fs::path here, on_this_machine(context, images));
    source = here.string();
  }
  request.sources = [&] { return imagery(source, config.extra, request.area, request.model.spec.gsd.value_or(0), &interrupt.flag(), rules); };
  request.sink = [&](const stac::ModelSpec& model) { return io::open_feature_file(options.out, model.output.name, model.id); };

  if (!options.shard.empty()) {
    FAIR_TRY(take_shard(options.shard, request));
    request.shard_file = options.out;
  }
  FAIR_TRY_ASSIGN(const auto plugins, launch::known_plugins());
  runs::RunStore* store = nullptr;
  if (desk) {
    FAIR_TRY_ASSIGN(store, desk->runs());
  }
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
                  {"images", store::unsigned_address(images)},
                  {"file", options.out},
                  {"features", report.features},
                  {"blocks", report.blocks},
                  {"blocks_missing", report.blocks_missing},
                  {"windows", report.windows},
                  {"windows_run", report.windows_run},
                  {"seconds", report.seconds},
                  {"provider", outcome.session.provider},
                  {"timing_ms", {{"imagery", outcome.open_ms}, {"session", outcome.session.create_ms}, {"run", report.run_ms}}}};
  if (request.shard_count > 0) {
    context.answer(json, options.out + ": shard " + options.shard + ", " + std::to_string(report.windows_run) +
                             " windows; `fair merge` puts all of them together");
    return done;
  }
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
      "Images are a folder of georeferenced chips (or chips named by their tile), one GeoTIFF, or tiles: a template with {z} {x} {y}, {-y}, {q} or\n"
      "{bbox-epsg-3857}, or the address of TileJSON, with --bbox and --zoom. With a workspace the run and its config are kept there.\n"
      "Example:\n  fair predict --model town-buildings --images chips --out buildings.geojson\n"
      "  fair predict --model town.onnx --images drone.tif --set confidence_threshold=0.4 --out buildings.gpkg\n"
      "  fair predict --model town-buildings --images 'https://tiles.example.org/{z}/{x}/{y}.png' --bbox 85.52,27.63,85.53,27.64 --zoom 19 --out -");
  auto options = std::make_shared<Options>();
  verb->add_option("--model", options->model, "A model of the catalogue, model.onnx, or an item's file")->type_name("ID|FILE");
  verb->add_option("--images", options->images, "Folder of chips, one raster file (s3:// and http(s) too), or tiles")->type_name("DIR|FILE|TEMPLATE");
  verb->add_option("--bbox", options->box, "Area of tiles: west,south,east,north in degrees")->type_name("W,S,E,N");
  verb->add_option("--area", options->area, "Cut features at these polygons; of tiles, predict what lies there (GeoJSON, degrees)")
      ->type_name("FILE.geojson")
      ->check(CLI::ExistingFile);
  verb->add_flag("--clip", options->clip, "Cut features at --bbox instead of at whole tiles");
  verb->add_option("--zoom", options->zoom, "Zoom of tiles")->check(CLI::Range(0, 30));
  verb->add_option("--tile-size", options->tile_size, "Pixels of a tile's side, 256 where it is left out")->check(CLI::IsMember({256, 512}));
  verb->add_option("--max-tiles", options->max_tiles, "Refuse areas of more tiles, 10000 where it is left out")->check(CLI::PositiveNumber);
  CLI::Option* out = verb->add_option("--out", options->out, "File to write: .geojson, .fgb or .gpkg; - is GeoJSON on standard output");
  out->required()->type_name("FILE");
  verb->add_option("--shards", options->shards, "Pods that predict tiles together, where the stack's launcher is kubernetes")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  verb->add_option("--shard", options->shard, "Only share I of N, counted from 0, into a file that fair merge takes")->type_name("I/N");
  verb->add_option("--config", options->config, "Repeat the run of this config (fair runs show RUN --config)")
      ->type_name("YAML")
      ->check(CLI::ExistingFile);
  add_overrides(verb, options->overrides);
  verb->add_option("--device", options->device, "auto, cpu or cuda")->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  verb->add_option("--threads", options->threads, "Processor threads; all where it is left out")->check(CLI::Range(1, 1024));
  const char* strangers = "Imagery that strangers name";
  verb->add_flag("--only-public", options->only_public, "Refuse addresses inside private networks")->group(strangers);
  verb->add_flag("--https-only", options->https_only, "Refuse http addresses")->group(strangers);
  verb->add_option("--allow-host", options->allow_hosts, "The only hosts to ask; NAME or *.NAME, may be given several times")
      ->type_name("HOST")
      ->group(strangers);
  verb->add_option("--allow-private", options->allow_private, "A private host or network that may be asked all the same")
      ->type_name("HOST|NETWORK")
      ->group(strangers);
  CLI::Option* resumed = verb->add_option("--resume", options->resume,
                                          "Go on with a run whose job on a cluster was left behind, as it is: wait for its shards, merge them");
  resumed->type_name("RUN");
  for (CLI::Option* other : verb->get_options()) {
    if (other != resumed && other != out && other != verb->get_help_ptr()) resumed->excludes(other);
  }
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
