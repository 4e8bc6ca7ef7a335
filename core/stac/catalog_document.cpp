#include "core/stac/catalog_document.h"

#include <algorithm>

#include "core/base/field.h"

namespace fair::stac {
namespace {

constexpr const char* stac_version = "1.1.0";
constexpr const char* mlm_schema = "https://stac-extensions.github.io/mlm/v1.5.1/schema.json";
constexpr const char* version_schema = "https://stac-extensions.github.io/version/v1.2.0/schema.json";
constexpr const char* classification_schema = "https://stac-extensions.github.io/classification/v2.0.0/schema.json";
constexpr const char* file_schema = "https://stac-extensions.github.io/file/v2.1.0/schema.json";
constexpr const char* raster_schema = "https://stac-extensions.github.io/raster/v1.1.0/schema.json";
constexpr const char* label_schema = "https://stac-extensions.github.io/label/v1.0.1/schema.json";
constexpr const char* fair_schemas = "https://hotosm.github.io/fAIr-models/schemas/v1.0.0/";

const char* title_of(const std::string& collection) {
  if (collection == "base-models") return "Base models";
  if (collection == "local-models") return "Local models";
  return collection == "datasets" ? "Datasets" : "";
}

const char* description_of(const std::string& collection) {
  if (collection == "base-models") return "Models to start from: each item is a whole model card, with weights, processing and hyper-parameters.";
  if (collection == "local-models") return "Finetuned models that were promoted, each version an item.";
  return collection == "datasets" ? "Imagery chips and their labels, to finetune models on." : "A collection of fAIr.";
}

Json link(const char* rel, std::string href, const char* type, const std::string& title = {}) {
  Json json{{"rel", rel}, {"href", std::move(href)}, {"type", type}};
  if (!title.empty()) json["title"] = title;
  return json;
}

/// An item's start and end: datetime, or start_datetime and end_datetime where datetime is null.
std::pair<std::string, std::string> times_of(const Item& item) {
  const std::string moment = item.text("datetime");
  if (!moment.empty()) return {moment, moment};
  return {item.text("start_datetime"), item.text("end_datetime")};
}

Json spatial_extent(const std::vector<Item>& items) {
  Json whole;
  for (const Item& item : items) {
    const Json& box = member(item.json(), "bbox");
    if (!box.is_array() || box.size() != 4 || !std::all_of(box.begin(), box.end(), [](const Json& n) { return n.is_number(); })) continue;
    if (whole.is_null()) {
      whole = box;
      continue;
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const bool wider = i < 2 ? box[i].get<double>() < whole[i].get<double>() : box[i].get<double>() > whole[i].get<double>();
      if (wider) whole[i] = box[i];
    }
  }
  return whole;
}

}  // namespace

std::vector<std::string> collection_extensions(const std::string& collection) {
  const std::string fair = fair_schemas;
  if (collection == "base-models")
    return {mlm_schema, version_schema, classification_schema, file_schema, raster_schema, fair + "base-model/schema.json"};
  if (collection == "local-models")
    return {mlm_schema, version_schema, classification_schema, file_schema, raster_schema, fair + "local-model/schema.json"};
  if (collection == "datasets") return {label_schema, file_schema, version_schema, fair + "dataset/schema.json"};
  return {};
}

Json catalog_document() {
  Json links = Json::array({link("root", "./catalog.json", "application/json")});
  for (const char* const id : collection_ids)
    links.push_back(link("child", std::string("./") + id + "/collection.json", "application/json", title_of(id)));
  return {{"type", "Catalog"},
          {"id", catalog_id},
          {"stac_version", stac_version},
          {"description", "Humanitarian mapping models, and the datasets they learn from."},
          {"links", std::move(links)},
          {"title", "fAIr models"}};
}

Json collection_document(const std::string& collection, const std::string& since) {
  const Json world = Json::array({-180, -90, 180, 90});
  const Json interval = Json::array({Json(since), Json()});
  return {{"type", "Collection"},
          {"id", collection},
          {"stac_version", stac_version},
          {"description", description_of(collection)},
          {"links", Json::array({link("root", "../catalog.json", "application/json"), link("parent", "../catalog.json", "application/json")})},
          {"title", title_of(collection)},
          {"extent", {{"spatial", {{"bbox", Json::array({world})}}}, {"temporal", {{"interval", Json::array({interval})}}}}},
          {"license", "other"}};
}

void set_items(Json& collection, const std::vector<Item>& items) {
  Json links = Json::array();
  for (const Json& one : member(collection, "links")) {
    if (text_of(member(one, "rel")) != "item") links.push_back(one);
  }
  std::string start;
  std::string end;
  for (const Item& item : items) {
    links.push_back(link("item", "./" + item.id() + "/" + item.id() + ".json", "application/geo+json", item.text("title")));
    const auto [from, to] = times_of(item);
    if (!from.empty() && (start.empty() || from < start)) start = from;
    if (!to.empty() && to > end) end = to;
  }
  collection["links"] = std::move(links);
  if (Json box = spatial_extent(items); !box.is_null()) collection["extent"]["spatial"]["bbox"] = Json::array({std::move(box)});
  if (!start.empty()) collection["extent"]["temporal"]["interval"] = Json::array({Json::array({Json(start), end.empty() ? Json() : Json(end)})});
}

void place_item(Item& item, const std::string& collection) {
  item.json()["collection"] = collection;
  item.set_link({"root", "../../catalog.json", "application/json", ""});
  item.set_link({"parent", "../collection.json", "application/json", ""});
  item.set_link({"collection", "../collection.json", "application/json", ""});
}

}  // namespace fair::stac
