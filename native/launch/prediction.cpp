#include "native/launch/prediction.h"

#include <chrono>
#include <optional>
#include <utility>

#include "core/pipeline/inference_parameters.h"
#include "native/launch/recorder.h"

namespace fair::launch {
namespace {

constexpr std::int64_t few_windows = 4;

double milliseconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// Windows in the imagery, roughly. Few of them are done sooner by all threads together.
std::int64_t about_windows(const std::vector<std::unique_ptr<infer::BlockSource>>& sources, const stac::ModelSpec& model) {
  double pixels = 0;
  for (const auto& source : sources) {
    const geo::BlockGrid& grid = source->grid();
    pixels += static_cast<double>(grid.columns * grid.rows) * grid.block_width * grid.block_height;
  }
  const double window = std::max<double>(1, static_cast<double>(model.input.width) * model.input.height);
  return static_cast<std::int64_t>(pixels / window) + 1;
}

/// GeoJSON of polygons in degrees; null where there are none.
Json area_document(const vector::MultiPolygon& area) {
  if (area.empty()) return nullptr;
  Json polygons = Json::array();
  for (const vector::Polygon& polygon : area) {
    Json rings = Json::array();
    for (const auto& ring : polygon) {
      Json points = Json::array();
      for (const vector::Point& p : ring) points.push_back({p.x, p.y});
      if (!points.empty() && points.front() != points.back()) points.push_back(points.front());
      rings.push_back(std::move(points));
    }
    polygons.push_back(std::move(rings));
  }
  return {{"type", "MultiPolygon"}, {"coordinates", std::move(polygons)}};
}

Result<> run_inference(const PredictionRequest& request, const plugin::Registry& plugins, const PredictionEvents& events, PredictionOutcome& out) {
  const auto begin = std::chrono::steady_clock::now();
  FAIR_TRY_ASSIGN(auto sources, request.sources());
  const double imagery_ms = milliseconds_since(begin);
  infer::SessionOptions session_options = request.session;
  if (about_windows(sources, request.model.spec) < few_windows) session_options.lanes = 1;
  FAIR_TRY_ASSIGN(const auto session, infer::Session::open(request.model.onnx, session_options));
  out.session = session->info();
  FAIR_TRY_ASSIGN(const stac::ModelSpec model, session->fit(request.model.spec));
  FAIR_TRY_ASSIGN(const auto plugin, plugins.create(model));
  infer::PredictOptions options;
  FAIR_TRY_ASSIGN(options.inference, pipeline::inference_options(model, request.config.inference_params));
  if (!request.config.inference_params.contains("batch_size")) options.inference.batch_size = session->suggested_batch();
  options.inference.area = request.area;
  options.on_progress = events.on_progress;
  options.stop = events.stop;
  out.open_ms = imagery_ms;
  if (request.shard_count > 0) {
    infer::ShardHeader header{request.shard_index,
                              request.shard_count,
                              model.to_metadata(),
                              plugin->description(),
                              request.config.inference_params,
                              area_document(request.area),
                              {}};
    for (const auto& source : sources) header.grids.push_back(source->grid());
    FAIR_TRY_ASSIGN(const auto shard, infer::ShardWriter::create(request.shard_file, header));
    options.shard = shard.get();
    FAIR_TRY_ASSIGN(out.report, infer::predict(model, plugin, *session, sources, *shard, options));
    return {};
  }
  FAIR_TRY_ASSIGN(const auto sink, request.sink(model));
  FAIR_TRY_ASSIGN(out.report, infer::predict(model, plugin, *session, sources, *sink, options));
  return {};
}

}  // namespace

Result<PredictionOutcome> run_prediction(const PredictionRequest& request, runs::RunStore* store, const plugin::Registry& plugins,
                                         const PredictionEvents& events) {
  PredictionOutcome out;
  if (store == nullptr) {
    FAIR_TRY(run_inference(request, plugins, events, out));
    return out;
  }
  FAIR_TRY_ASSIGN(Recorder recorder, Recorder::start(*store, "inference", request.model.id, request.config.to_json(), events.log));
  out.run_id = recorder.id();
  const auto done = recorder.step("run_inference", request.config.inference_params, [&]() -> Result<Json> {
    FAIR_TRY(run_inference(request, plugins, events, out));
    return Json{{"features", out.report.features}, {"windows", out.report.windows}, {"seconds", out.report.seconds}};
  });
  if (!done) return fail(recorder.fail(done.error()));
  for (const std::string& warning : out.report.warnings) recorder.log(warning);
  FAIR_TRY(recorder.metadata(
      {{"features", out.report.features}, {"windows", out.report.windows}, {"provider", out.session.provider}, {"seconds", out.report.seconds}}));
  FAIR_TRY(recorder.complete());
  return out;
}

}  // namespace fair::launch
