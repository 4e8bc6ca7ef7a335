#include "native/io/dataset_item.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/geo/transform.h"

namespace fair::io {
namespace {

std::string title_of(std::string noun) {
  if (!noun.empty() && noun[0] >= 'a' && noun[0] <= 'z') noun[0] = static_cast<char>(noun[0] - 'a' + 'A');
  return noun;
}

}  // namespace

Json DatasetItem::document(const std::vector<Chip>& where, const std::string& now) const {
  double box[4] = {180, 90, -180, -90};
  for (const Chip& c : where) {
    for (const auto& [x, y] : {std::pair{0, 0}, std::pair{c.width, c.height}}) {
      const geo::LonLat at = geo::pixel_to_lon_lat(c.crs, c.transform, x, y);
      box[0] = std::min(box[0], at.lon);
      box[1] = std::min(box[1], at.lat);
      box[2] = std::max(box[2], at.lon);
      box[3] = std::max(box[3], at.lat);
    }
  }
  for (double& v : box) v = std::round(v * 1e7) / 1e7;
  const Json corner = Json::array({Json::array({box[0], box[1]}), Json::array({box[2], box[1]}), Json::array({box[2], box[3]}),
                                   Json::array({box[0], box[3]}), Json::array({box[0], box[1]})});
  Json properties{{"datetime", now},
                  {"created", now},
                  {"updated", now},
                  {"title", title.empty() ? id : title},
                  {"description", std::to_string(where.size()) + " chips with " + words.noun + " of " + class_name + "s."},
                  {"label:type", words.type},
                  {"label:tasks", Json::array({name(task)})},
                  {"label:classes", Json::array({{{"name", class_name}, {"classes", words.values}}})},
                  {"label:properties", Json::array({class_name})},
                  {"label:description", title_of(words.noun) + " of " + class_name + "s"},
                  {"label:methods", Json::array({"manual"})},
                  {"keywords", Json::array({class_name, model_task(task), geometry})},
                  {"fair:user_id", user_id},
                  {"fair:chip_count", where.size()},
                  {"gsd", std::round(gsd * 1e6) / 1e6},
                  {"version", "1"},
                  {"deprecated", false},
                  {"license", license},
                  {"providers", Json::array({{{"name", user_id}, {"roles", Json::array({"producer"})}}})}};
  properties.update(words.properties);
  return {{"type", "Feature"},
          {"stac_version", "1.1.0"},
          {"stac_extensions",
           Json::array({"https://stac-extensions.github.io/label/v1.0.1/schema.json", "https://stac-extensions.github.io/file/v2.1.0/schema.json",
                        "https://stac-extensions.github.io/version/v1.2.0/schema.json",
                        "https://hotosm.github.io/fAIr-models/schemas/v1.0.0/dataset/schema.json"})},
          {"id", id},
          {"geometry", {{"type", "Polygon"}, {"coordinates", Json::array({corner})}}},
          {"bbox", Json::array({box[0], box[1], box[2], box[3]})},
          {"properties", std::move(properties)},
          {"assets",
           {{"chips",
             {{"href", std::filesystem::absolute(chips).lexically_normal().string()},
              {"type", "image/tiff; application=geotiff"},
              {"roles", Json::array({"data"})},
              {"title", "Chips"}}},
            {"labels",
             {{"href", std::filesystem::absolute(labels).lexically_normal().string()},
              {"type", words.media_type},
              {"roles", Json::array({"labels"})},
              {"title", title_of(words.noun)}}}}},
          {"links",
           Json::array(
               {{{"rel", "source"}, {"href", "https://www.openstreetmap.org"}, {"type", "text/html"}, {"title", "Where the labels come from"}}})}};
}

}  // namespace fair::io
