#include "wasm/host/questions.h"

#include <string>
#include <vector>

#include "core/base/field.h"
#include "core/geo/tile.h"
#include "core/pipeline/graph_fit.h"
#include "core/plugin/abi.h"
#include "core/run/hyperparameters.h"
#include "core/stac/assets.h"
#include "core/stac/compatibility.h"
#include "core/stac/rules.h"
#include "wasm/host/exports.h"
#include "wasm/host/grid_document.h"
#include "wasm/host/plugin_registry.h"

namespace fair::web {
namespace {

Result<const Json*> required(const Json& question, const char* key) {
  const auto found = question.find(key);
  if (found == question.end()) return fail(Code::usage, question.value("ask", std::string("question")), std::string("a member ") + key, "none");
  return &*found;
}

Result<stac::Item> item_of(const Json& question, const char* key) {
  FAIR_TRY_ASSIGN(const Json* document, required(question, key));
  return stac::Item::from_json(*document, key);
}

Result<stac::ModelSpec> spec_of(const Json& question) {
  FAIR_TRY_ASSIGN(const Json* metadata, required(question, "model"));
  return stac::ModelSpec::from_metadata(*metadata, "model");
}

Result<double> number_of(const Json& question, const char* key) {
  FAIR_TRY_ASSIGN(const Json* value, required(question, key));
  if (!value->is_number()) return fail(Code::usage, key, "a number", value->dump().substr(0, 80));
  return value->get<double>();
}

Result<std::vector<double>> numbers_of(const Json& question, const char* key, std::size_t count) {
  FAIR_TRY_ASSIGN(const Json* value, required(question, key));
  std::vector<double> out;
  if (value->is_array()) {
    for (const Json& one : *value) {
      if (one.is_number()) out.push_back(one.get<double>());
    }
  }
  if (out.size() != count || value->size() != count) {
    return fail(Code::usage, key, std::to_string(count) + " numbers", value->dump().substr(0, 80));
  }
  return out;
}

const char* geometry_name(stac::GeometryKind kind) {
  switch (kind) {
    case stac::GeometryKind::polygon: return "polygon";
    case stac::GeometryKind::line: return "line";
    case stac::GeometryKind::point: return "point";
  }
  return "polygon";
}

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json described(const stac::ModelSpec& spec) {
  Json classes = Json::array();
  for (const stac::Class& c : spec.output.classes) {
    classes.push_back(Object().add("value", c.value).add("name", c.name).add("color_hint", c.color_hint).take());
  }
  Object out;
  out.add("model", spec.to_metadata()).add("id", spec.id).add("title", spec.title).add("href", spec.model_href).add("classes", std::move(classes));
  return out.add("output_name", spec.output.name).add("geometry", geometry_name(spec.geometry)).add("gsd", or_null(spec.gsd));
}

Result<Json> versions(const Json&) {
  Object out;
  out.add("version", FAIR_VERSION).add("exports", FAIR_EXPORTS_VERSION).add("platform", FAIR_PLATFORM);
  return out.add("abi", std::to_string(FAIR_ABI_MAJOR) + "." + std::to_string(FAIR_ABI_MINOR)).take();
}

Result<Json> validate(const Json& question) {
  FAIR_TRY_ASSIGN(const Json* document, required(question, "document"));
  Json findings = Json::array();
  for (const stac::Finding& finding : stac::validate_document(*document)) findings.push_back(finding.to_json());
  const auto item = stac::Item::from_json(*document, "document");
  return Object().add("kind", item ? stac::name(stac::kind_of(*item)) : "other").add("findings", std::move(findings)).take();
}

Result<Json> compatibility(const Json& question) {
  FAIR_TRY_ASSIGN(const stac::Item model, item_of(question, "model"));
  FAIR_TRY_ASSIGN(const stac::Item dataset, item_of(question, "dataset"));
  return stac::compatible(model, dataset).to_json();
}

Result<Json> parameters(const Json& question) {
  FAIR_TRY_ASSIGN(const stac::Item item, item_of(question, "item"));
  FAIR_TRY_ASSIGN(const auto spec, run::HyperparameterSpec::from_item(item));
  Json out = Json::array();
  for (const run::Parameter& p : spec.parameters()) {
    Object one;
    one.add("key", p.key).add("type", run::name(p.type)).add("group", p.group == run::Group::training ? "training" : "inference");
    one.add("value", p.value).add("min", or_null(p.minimum)).add("max", or_null(p.maximum)).add("values", Json(p.values));
    out.push_back(one.add("description", p.description).take());
  }
  return Object().add("parameters", std::move(out)).take();
}

Result<Json> model(const Json& question) {
  FAIR_TRY_ASSIGN(const stac::Item item, item_of(question, "item"));
  FAIR_TRY_ASSIGN(const stac::ModelSpec spec, stac::ModelSpec::from_item(item));
  Json out = described(spec);
  const Json& asset = item.asset(stac::key_of(item, stac::Part::onnx));
  out["checksum"] = text_of(member(asset, "file:checksum"));
  const Json& size = member(asset, "file:size");
  out["size"] = size.is_number() ? size : Json(nullptr);
  return out;
}

Result<Json> metadata(const Json& question) {
  FAIR_TRY_ASSIGN(const Json* text, required(question, "metadata"));
  const std::string thing = question.value("thing", std::string("model.onnx"));
  if (!text->is_string()) return fail(Code::usage, "metadata", "the text of fair.item", text->dump().substr(0, 80));
  FAIR_TRY_ASSIGN(const Json document, parse_json(text->get<std::string>(), thing));
  FAIR_TRY_ASSIGN(const stac::ModelSpec spec, stac::ModelSpec::from_metadata(document, thing));
  return described(spec);
}

Result<pipeline::Port> port_of(const Json& question, const char* key) {
  FAIR_TRY_ASSIGN(const Json* json, required(question, key));
  pipeline::Port port;
  if (!json->is_object()) return fail(Code::usage, key, "{name, shape}", json->dump().substr(0, 80));
  port.name = json->value("name", std::string());
  if (const auto shape = json->find("shape"); shape != json->end() && shape->is_array()) {
    for (const Json& size : *shape) port.shape.push_back(size.is_number() ? size.get<std::int64_t>() : -1);
  }
  return port;
}

Result<Json> fit(const Json& question) {
  FAIR_TRY_ASSIGN(const stac::ModelSpec spec, spec_of(question));
  FAIR_TRY_ASSIGN(const pipeline::Port input, port_of(question, "input"));
  FAIR_TRY_ASSIGN(const pipeline::Port output, port_of(question, "output"));
  FAIR_TRY_ASSIGN(const stac::ModelSpec fitted, pipeline::fit_to_graph(input, output, spec));
  return Object().add("model", fitted.to_metadata()).take();
}

Result<Json> params(const Json& question) {
  FAIR_TRY_ASSIGN(const stac::ModelSpec spec, spec_of(question));
  FAIR_TRY_ASSIGN(const Json* values, required(question, "values"));
  FAIR_TRY_ASSIGN(const auto known, run::HyperparameterSpec::from_json(spec.hyperparameters, spec.hyperparameters_spec, spec.id));
  FAIR_TRY_ASSIGN(const run::Hyperparameters checked, known.with_values(*values));
  return Object().add("params", checked.inference).take();
}

Result<Json> plugin_for(const Json& question) {
  FAIR_TRY_ASSIGN(const stac::ModelSpec spec, spec_of(question));
  FAIR_TRY_ASSIGN(const plugin::LoadedPlugin* found, registry().for_model(spec));
  return Object().add("name", found->name()).take();
}

Result<Json> plugins(const Json&) {
  Json out = Json::array();
  for (const std::string& name : registry().names()) {
    const plugin::Manifest& m = *registry().manifest(name);
    Object one;
    one.add("name", m.name).add("version", m.version).add("licence", m.licence).add("platform", m.platform).add("tasks", Json(m.tasks));
    out.push_back(one.take());
  }
  return Object().add("plugins", std::move(out)).take();
}

Result<Json> grid(const Json& question) {
  FAIR_TRY_ASSIGN(const auto box, numbers_of(question, "bbox", 4));
  FAIR_TRY_ASSIGN(const double zoom, number_of(question, "zoom"));
  FAIR_TRY_ASSIGN(const double tile_size, number_of(question, "tile_size"));
  FAIR_TRY_ASSIGN(const double most, number_of(question, "most_tiles"));
  if (zoom != static_cast<std::int32_t>(zoom)) return fail(Code::usage, "zoom", "a whole number", Json(zoom).dump());
  FAIR_TRY_ASSIGN(const geo::BlockGrid made,
                  geo::tile_grid({box[0], box[1], box[2], box[3]}, static_cast<std::int32_t>(zoom), static_cast<std::int32_t>(tile_size)));
  const auto tiles = static_cast<double>(made.columns) * static_cast<double>(made.rows);
  if (tiles > most) {
    return fail(Code::usage, "area", "at most " + std::to_string(static_cast<std::int64_t>(most)) + " tiles",
                std::to_string(static_cast<std::int64_t>(tiles)), "take a smaller area or a lower zoom, or raise maxTiles");
  }
  const geo::Bounds first = geo::bounds(geo::tile_of_block(made, 0, 0));
  const geo::Bounds last = geo::bounds(geo::tile_of_block(made, made.columns - 1, made.rows - 1));
  const geo::Tile corner = geo::tile_of_block(made, 0, 0);
  Object out;
  out.add("grid", to_json(made)).add("tiles", made.columns * made.rows).add("first", std::vector<std::int64_t>{corner.z, corner.x, corner.y});
  return out.add("bounds", Json(std::vector<double>{first.west, last.south, last.east, first.north})).take();
}

Result<Json> raster_grid(const Json& question) {
  FAIR_TRY_ASSIGN(const auto transform, numbers_of(question, "transform", 6));
  FAIR_TRY_ASSIGN(const double width, number_of(question, "width"));
  FAIR_TRY_ASSIGN(const double height, number_of(question, "height"));
  FAIR_TRY_ASSIGN(const double block, number_of(question, "block"));
  if (!(width >= 1 && height >= 1 && block >= 1 && width < 2e9 && height < 2e9 && block <= 65536)) {
    return fail(Code::usage, "raster", "a size of at least one pixel", Json(width).dump() + " x " + Json(height).dump());
  }
  geo::BlockGrid made;
  for (std::size_t i = 0; i < 6; ++i) made.transform.a[i] = transform[i];
  made.block_width = made.block_height = static_cast<std::int32_t>(block);
  made.width = static_cast<std::int64_t>(width);
  made.height = static_cast<std::int64_t>(height);
  made.columns = (made.width + made.block_width - 1) / made.block_width;
  made.rows = (made.height + made.block_height - 1) / made.block_height;
  Json json = to_json(made);
  json["crs"] = question.value("crs", std::string("EPSG:3857"));
  FAIR_TRY(grid_from(json));
  return Object().add("grid", std::move(json)).take();
}

}  // namespace

Result<Json> answer(const Json& question) {
  using Answer = Result<Json> (*)(const Json&);
  static constexpr struct {
    const char* name;
    Answer answer;
  } known[] = {{"versions", versions},
               {"validate", validate},
               {"compatibility", compatibility},
               {"parameters", parameters},
               {"model", model},
               {"metadata", metadata},
               {"fit", fit},
               {"params", params},
               {"plugin", plugin_for},
               {"plugins", plugins},
               {"grid", grid},
               {"raster_grid", raster_grid}};
  if (!question.is_object()) return fail(Code::usage, "question", "an object", question.dump().substr(0, 80));
  const std::string name = question.value("ask", std::string());
  for (const auto& one : known) {
    if (name == one.name) return one.answer(question);
  }
  return fail(Code::usage, "question", "a known name in `ask`", name);
}

}  // namespace fair::web
