#include "wasm/host/exports.h"

#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/geo/tile_source.h"
#include "core/pipeline/inference.h"
#include "core/pipeline/inference_parameters.h"
#include "core/plugin/core_processing.h"
#include "core/vector/area_document.h"
#include "wasm/host/answer.h"
#include "wasm/host/answer_features.h"
#include "wasm/host/export_frame.h"
#include "wasm/host/grid_document.h"
#include "wasm/host/handles.h"
#include "wasm/host/plugin_registry.h"
#include "wasm/host/questions.h"

namespace fair::web {

plugin::Registry& registry() {
  static plugin::Registry known;
  return known;
}

namespace {

/// A prediction and the name its features' class property has.
struct Prediction {
  pipeline::Inference inference;
  std::string output_name;
};

Handles<geo::TileSource>& sources() {
  static Handles<geo::TileSource> open("tile source");
  return open;
}

Handles<Prediction>& predictions() {
  static Handles<Prediction> open("prediction");
  return open;
}

Result<std::int32_t> open_source(const Json& request) {
  const auto tile_size = request.value("tile_size", 256);
  const auto made = [&]() -> Result<geo::TileSource> {
    if (const auto document = request.find("tilejson"); document != request.end()) {
      return geo::TileSource::from_tilejson(*document, request.value("thing", std::string("TileJSON")), tile_size);
    }
    return geo::TileSource::from_template(request.value("template", std::string()), tile_size);
  };
  FAIR_TRY_ASSIGN(geo::TileSource source, made());
  Json bounds;
  if (const auto& covered = source.covered()) bounds = std::vector<double>{covered->west, covered->south, covered->east, covered->north};
  Object answer;
  answer.add("tile_size", source.tile_size()).add("min_zoom", source.min_zoom()).add("max_zoom", source.max_zoom()).add("bounds", std::move(bounds));
  answer_json(answer);
  return sources().keep(std::make_unique<geo::TileSource>(std::move(source)));
}

Result<std::int32_t> open_prediction(const Json& request) {
  const Json none;
  const auto part = [&](const char* key) -> const Json& {
    const auto found = request.find(key);
    return found == request.end() ? none : *found;
  };
  FAIR_TRY_ASSIGN(const stac::ModelSpec model, stac::ModelSpec::from_metadata(part("model"), "model"));
  FAIR_TRY_ASSIGN(const geo::BlockGrid grid, grid_from(part("grid")));
  FAIR_TRY_ASSIGN(pipeline::InferenceOptions options, pipeline::inference_options(model, part("params")));
  options.batch_size = request.value("batch_size", options.batch_size);
  options.batches_in_flight = request.value("batches_in_flight", options.batches_in_flight);
  options.windows_ahead = request.value("windows_ahead", options.windows_ahead);
  if (const Json& area = part("area"); !area.is_null()) {
    FAIR_TRY_ASSIGN(options.area, vector::polygons_from(area, "geometry"));
  }
  options.vectorize.id_prefix = request.value("id_prefix", std::string());
  FAIR_TRY_ASSIGN(auto plugin, registry().create(model));
  FAIR_TRY_ASSIGN(pipeline::Inference inference, pipeline::Inference::create(model, std::move(plugin), grid, options));
  const pipeline::Progress progress = inference.progress();
  Object answer;
  answer.add("warnings", inference.warnings()).add("windows", progress.windows_total).add("blocks", progress.blocks_total);
  answer_json(answer);
  return predictions().keep(std::make_unique<Prediction>(Prediction{std::move(inference), model.output.name}));
}

Result<> give_block(Prediction& prediction, pipeline::Block block, const std::uint8_t* pixels, std::int32_t width, std::int32_t height,
                    std::int32_t channels) {
  if (pixels == nullptr) return prediction.inference.give_block(block, std::nullopt);
  if (channels != 3 && channels != 4) return fail(Code::usage, "pixels", "3 or 4 channels", std::to_string(channels));
  if (width < 1 || height < 1) return fail(Code::usage, "pixels", "a size", std::to_string(width) + " x " + std::to_string(height));
  raster::ImageView view{pixels, width, height, channels, static_cast<std::int64_t>(width) * channels, nullptr};
  if (channels == 3) return prediction.inference.give_block(block, view);
  const std::size_t n = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  raster::Image image;
  image.width = width;
  image.height = height;
  image.channels = 3;
  image.pixels.resize(n * 3);
  bool all = true;
  bool any = false;
  for (std::size_t i = 0; i < n; ++i) {
    image.pixels[i * 3] = pixels[i * 4];
    image.pixels[i * 3 + 1] = pixels[i * 4 + 1];
    image.pixels[i * 3 + 2] = pixels[i * 4 + 2];
    const bool seen = pixels[i * 4 + 3] >= 128;
    all = all && seen;
    any = any || seen;
  }
  if (!any) return prediction.inference.give_block(block, std::nullopt);
  if (!all) {
    image.valid.resize(n);
    for (std::size_t i = 0; i < n; ++i) image.valid[i] = pixels[i * 4 + 3] >= 128 ? 1 : 0;
  }
  return prediction.inference.give_block(block, image.view());
}

Result<TensorView> tensor_of(const std::uint32_t* words) {
  TensorView view;
  view.data = reinterpret_cast<void*>(static_cast<std::uintptr_t>(words[0]));
  view.dtype = static_cast<DType>(words[1]);
  view.rank = static_cast<std::int32_t>(words[2]);
  if (view.rank < 0 || view.rank > TensorView::max_rank) return fail(Code::usage, "output", "at most 8 axes", std::to_string(words[2]));
  for (std::int32_t i = 0; i < view.rank; ++i) view.shape[static_cast<std::size_t>(i)] = words[3 + i];
  return view;
}

}  // namespace
}  // namespace fair::web

using namespace fair;
using namespace fair::web;

std::int32_t fair_exports_version() { return FAIR_EXPORTS_VERSION; }

void* fair_alloc(std::uint32_t bytes) { return std::malloc(bytes == 0 ? 1 : bytes); }
void fair_free(void* memory) { std::free(memory); }

const void* fair_answer() { return last_answer().data(); }
std::uint32_t fair_answer_size() { return static_cast<std::uint32_t>(last_answer().size()); }

std::int32_t fair_ask(const char* question, std::uint32_t size) {
  return call([&]() -> Result<std::int32_t> {
    FAIR_TRY_ASSIGN(const Json json, request_of(question, size));
    FAIR_TRY_ASSIGN(const Json given, answer(json));
    answer_json(given);
    return 0;
  });
}

std::int32_t fair_plugin_take(std::uint32_t entry, const char* manifest, std::uint32_t size) {
  return call([&]() -> Result<std::int32_t> {
    FAIR_TRY_ASSIGN(const Json json, parse_json({manifest, size}, "plugin manifest"));
    FAIR_TRY_ASSIGN(plugin::Manifest read, plugin::Manifest::from_json(json, "plugin manifest"));
    const std::string thing = "plugin " + read.name;
    FAIR_TRY(read.fits(FAIR_PLATFORM, thing));
    if (!read.code) {
      FAIR_TRY_ASSIGN(const plugin::CoreProcessing* chosen, plugin::chosen_processing(json, thing));
      answer_json(Object().add("name", read.name).add("version", read.version).add("uses", chosen->plugin));
      FAIR_TRY(registry().add(std::move(read), {}, thing));
      return 0;
    }
    if (entry == 0) return 0;
    FAIR_TRY_ASSIGN(plugin::LoadedPlugin loaded,
                    plugin::LoadedPlugin::take(reinterpret_cast<fair_plugin_entry>(static_cast<std::uintptr_t>(entry)), thing));
    // A fault of a plugin is told when it is loaded, not when it is first wanted.
    const auto faults = plugin::disagreements(read, loaded.description());
    if (!faults.empty()) {
      return fail(Code::invalid, thing, "a plugin that agrees with its manifest", faults.front(), plugin::disagreement_hint);
    }
    answer_json(loaded.description());
    FAIR_TRY(registry().add(
        std::move(read), [loaded]() -> Result<plugin::LoadedPlugin> { return loaded; }, thing));
    return 0;
  });
}

std::int32_t fair_source_open(const char* request, std::uint32_t size) {
  return call([&]() -> Result<std::int32_t> {
    FAIR_TRY_ASSIGN(const Json json, request_of(request, size));
    return open_source(json);
  });
}

std::int32_t fair_source_url(std::int32_t source, std::int32_t z, std::int32_t x, std::int32_t y) {
  return call([&]() -> Result<std::int32_t> {
    FAIR_TRY_ASSIGN(const geo::TileSource* at, sources().at(source));
    answer_text(at->url({z, x, y}));
    return 0;
  });
}

std::int32_t fair_source_close(std::int32_t source) {
  sources().close(source);
  return 0;
}

std::int32_t fair_prediction_open(const char* request, std::uint32_t size) {
  return call([&]() -> Result<std::int32_t> {
    FAIR_TRY_ASSIGN(const Json json, request_of(request, size));
    return open_prediction(json);
  });
}

std::int32_t fair_prediction_next_blocks(std::int32_t prediction, std::uint32_t most) {
  return call([&]() -> Result<std::int32_t> {
    FAIR_TRY_ASSIGN(Prediction * at, predictions().at(prediction));
    std::vector<std::int32_t> pairs;
    for (const pipeline::Block block : at->inference.next_blocks(most)) {
      pairs.push_back(static_cast<std::int32_t>(block.column));
      pairs.push_back(static_cast<std::int32_t>(block.row));
    }
    answer_bytes(pairs.data(), pairs.size() * sizeof(std::int32_t));
    return static_cast<std::int32_t>(pairs.size() / 2);
  });
}

std::int32_t fair_prediction_give_block(std::int32_t prediction, std::int32_t column, std::int32_t row, const std::uint8_t* pixels,
                                        std::int32_t width, std::int32_t height, std::int32_t channels) {
  return call([&]() -> Result<std::int32_t> {
    FAIR_TRY_ASSIGN(Prediction * at, predictions().at(prediction));
    FAIR_TRY(give_block(*at, {column, row}, pixels, width, height, channels));
    return 0;
  });
}

std::int32_t fair_prediction_next_batch(std::int32_t prediction) {
  return call([&]() -> Result<std::int32_t> {
    FAIR_TRY_ASSIGN(Prediction * at, predictions().at(prediction));
    FAIR_TRY_ASSIGN(const std::optional<pipeline::Batch> batch, at->inference.next_batch());
    if (!batch) return 0;
    std::array<std::uint32_t, 4 + TensorView::max_rank> words{};
    words[0] = static_cast<std::uint32_t>(batch->id);
    words[1] = static_cast<std::uint32_t>(batch->windows);
    words[2] = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(batch->input.data));
    words[3] = static_cast<std::uint32_t>(batch->input.rank);
    for (std::size_t i = 0; i < TensorView::max_rank; ++i) words[4 + i] = static_cast<std::uint32_t>(batch->input.shape[i]);
    answer_bytes(words.data(), sizeof words);
    return 1;
  });
}

std::int32_t fair_prediction_give_outputs(std::int32_t prediction, std::uint32_t batch, const std::uint32_t* tensors, std::uint32_t count) {
  return call([&]() -> Result<std::int32_t> {
    FAIR_TRY_ASSIGN(Prediction * at, predictions().at(prediction));
    std::vector<TensorView> views;
    for (std::uint32_t i = 0; i < count; ++i) {
      FAIR_TRY_ASSIGN(const TensorView view, tensor_of(tensors + static_cast<std::size_t>(i) * (3 + TensorView::max_rank)));
      views.push_back(view);
    }
    FAIR_TRY(at->inference.give_outputs(batch, views));
    return 0;
  });
}

std::int32_t fair_prediction_take(std::int32_t prediction) {
  return call([&]() -> Result<std::int32_t> {
    FAIR_TRY_ASSIGN(Prediction * at, predictions().at(prediction));
    return answer_features(at->inference.take_features(), at->output_name);
  });
}

std::int32_t fair_prediction_progress(std::int32_t prediction) {
  return call([&]() -> Result<std::int32_t> {
    FAIR_TRY_ASSIGN(const Prediction* at, predictions().at(prediction));
    const pipeline::Progress progress = at->inference.progress();
    const std::array<double, 4> numbers{static_cast<double>(progress.blocks_done), static_cast<double>(progress.blocks_total),
                                        static_cast<double>(progress.windows_done), static_cast<double>(progress.windows_total)};
    answer_bytes(numbers.data(), sizeof numbers);
    return at->inference.done() ? 1 : 0;
  });
}

std::int32_t fair_prediction_close(std::int32_t prediction) {
  predictions().close(prediction);
  return 0;
}
