#include "core/catalog/local_item.h"

#include "core/stac/assets.h"
#include "core/stac/catalog_document.h"
#include "core/stac/licence.h"

namespace fair::catalog {
namespace {

constexpr const char* local_extension = "https://hotosm.github.io/fAIr-models/schemas/v1.0.0/local-model/schema.json";
constexpr const char* base_extension = "https://hotosm.github.io/fAIr-models/schemas/v1.0.0/base-model/schema.json";

Json extensions_of(const stac::Item& base) {
  Json out = Json::array();
  const Json& document = base.json();
  if (document.contains("stac_extensions")) {
    for (const Json& uri : document["stac_extensions"]) {
      if (uri != base_extension && uri != local_extension) out.push_back(uri);
    }
  }
  out.push_back(local_extension);
  return out;
}

Json asset(const std::string& href, const char* title, const char* type, Json roles, const char* artifact_type, const Json& like) {
  Json out{{"href", href}, {"title", title}, {"type", type}, {"roles", std::move(roles)}, {"mlm:artifact_type", artifact_type}};
  if (like.is_object() && like.contains("raster:bands")) out["raster:bands"] = like["raster:bands"];
  return out;
}

}  // namespace

Result<stac::Item> local_item(const stac::Item& base, const stac::Item& dataset, const LocalModel& model, IdStyle style, const std::string& now) {
  const std::string version = std::to_string(model.number);
  const std::string id = style == IdStyle::uuid && !model.uuid.empty() ? model.uuid : model.name + "-v" + version;
  Json properties{{"datetime", now}, {"created", now}, {"updated", now}, {"title", model.name + " v" + version}};
  properties["description"] = "Finetuned from " + base.id() + " on " + dataset.id() + ".";
  for (const char* const key : {"mlm:architecture", "mlm:tasks", "mlm:framework", "mlm:framework_version", "mlm:accelerator", "mlm:accelerator_count",
                                "mlm:input", "mlm:output", "keywords", "providers", "fair:metrics_spec", "fair:hyperparameters_spec"}) {
    if (!base.property(key).is_null()) properties[key] = base.property(key);
  }
  properties["license"] = stac::derived_licence(base.text("license"), dataset.text("license"));
  properties["mlm:name"] = model.name;
  properties["mlm:pretrained"] = true;
  const std::string source = stac::href_of(base, stac::Part::checkpoint);
  properties["mlm:pretrained_source"] = source.empty() ? stac::href_of(base, stac::Part::onnx) : source;
  Json hyperparameters = Json::object();
  for (const auto& [key, value] : base.property("mlm:hyperparameters").items()) {
    if (key.rfind("inference.", 0) == 0) hyperparameters[key] = value;
  }
  hyperparameters.update(model.hyperparameters);
  properties["mlm:hyperparameters"] = std::move(hyperparameters);
  properties["version"] = version;
  properties["deprecated"] = false;
  properties["fair:user_id"] = model.user_id;
  properties["fair:base_model_id"] = base.id();
  properties["fair:dataset_id"] = dataset.id();
  properties["fair:version_uuid"] = model.uuid;
  if (!model.split.empty()) properties["fair:split"] = model.split;
  if (!model.started_at.empty()) properties["fair:training_started_at"] = model.started_at;
  if (!model.ended_at.empty()) properties["fair:training_ended_at"] = model.ended_at;
  properties["fair:training_duration_seconds"] = model.duration_seconds;
  if (model.labeled_chip_count > 0) properties["fair:labeled_chip_count"] = model.labeled_chip_count;
  if (model.gsd) properties["gsd"] = *model.gsd;
  for (const auto& [key, value] : model.metrics.items()) {
    if (!value.is_null()) properties[key] = value;
  }

  Json assets = Json::object();
  const Json& weights = base.asset(stac::key_of(base, stac::Part::checkpoint));
  const Json& graph = base.asset(stac::key_of(base, stac::Part::onnx));
  assets["checkpoint"] = asset(model.checkpoint_href, "Finetuned weights", "application/octet-stream; framework=pytorch",
                               {"mlm:model", "mlm:weights"}, "torch.save", weights);
  assets["model"] =
      asset(model.model_href, "Finetuned model as ONNX", "application/octet-stream; framework=onnx", {"mlm:model", "mlm:compiled"}, "onnx", graph);
  const std::pair<const char*, stac::Part> inherited[] = {
      {"source-code", stac::Part::source_code}, {"mlm:training", stac::Part::training_runtime}, {"mlm:inference", stac::Part::inference_runtime}};
  for (const auto& [key, part] : inherited) {
    if (const Json& theirs = base.asset(stac::key_of(base, part)); theirs.is_object()) assets[key] = theirs;
  }
  if (!model.metrics_href.empty()) {
    assets["training-metrics"] = {
        {"href", model.metrics_href}, {"title", "Losses and metrics by epoch"}, {"type", "application/json"}, {"roles", Json::array({"metadata"})}};
  }

  Json document{{"type", "Feature"}, {"stac_version", "1.1.0"}, {"stac_extensions", extensions_of(base)}, {"id", id}};
  document["geometry"] = dataset.json().contains("geometry") ? dataset.json()["geometry"] : Json();
  if (dataset.json().contains("bbox")) document["bbox"] = dataset.json()["bbox"];
  document["properties"] = std::move(properties);
  document["assets"] = std::move(assets);
  document["links"] = Json::array();
  FAIR_TRY_ASSIGN(stac::Item item, stac::Item::from_json(std::move(document), id));
  item.add_link({"derived_from", "../../base-models/" + base.id() + "/" + base.id() + ".json", "application/geo+json", ""});
  item.json()["links"].back()["mlm:name"] = base.text("mlm:name");
  item.add_link({"derived_from", "../../datasets/" + dataset.id() + "/" + dataset.id() + ".json", "application/geo+json", dataset.text("title")});
  for (const stac::Link& link : base.links("license")) item.add_link(link);
  return item;
}

}  // namespace fair::catalog
