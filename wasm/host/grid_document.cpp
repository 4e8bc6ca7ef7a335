#include "wasm/host/grid_document.h"

#include <string>

namespace fair::web {
namespace {

Result<std::int64_t> whole(const Json& json, const char* key, std::int64_t otherwise) {
  const auto found = json.find(key);
  if (found == json.end()) return otherwise;
  if (!found->is_number()) return fail(Code::usage, std::string("grid.") + key, "a number", found->dump());
  return found->get<std::int64_t>();
}

}  // namespace

Json to_json(const geo::BlockGrid& grid) {
  Json transform = Json::array();
  for (const double a : grid.transform.a) transform.push_back(a);
  Object out;
  out.add("crs", grid.crs == geo::Crs::wgs84 ? "EPSG:4326" : "EPSG:3857").add("transform", transform);
  out.add("block_width", grid.block_width).add("block_height", grid.block_height).add("columns", grid.columns).add("rows", grid.rows);
  out.add("width", grid.width).add("height", grid.height).add("origin_column", grid.origin_column).add("origin_row", grid.origin_row);
  return out.add("zoom", grid.zoom);
}

Result<geo::BlockGrid> grid_from(const Json& json) {
  geo::BlockGrid grid;
  if (!json.is_object()) return fail(Code::usage, "grid", "an object", json.dump().substr(0, 80));
  const std::string crs = json.value("crs", std::string());
  if (crs != "EPSG:4326" && crs != "EPSG:3857") return fail(Code::usage, "grid.crs", "EPSG:4326 or EPSG:3857", crs);
  grid.crs = crs == "EPSG:4326" ? geo::Crs::wgs84 : geo::Crs::web_mercator;
  const auto transform = json.find("transform");
  if (transform == json.end() || !transform->is_array() || transform->size() != 6) return fail(Code::usage, "grid.transform", "six numbers", "other");
  for (std::size_t i = 0; i < 6; ++i) {
    if (!(*transform)[i].is_number()) return fail(Code::usage, "grid.transform", "six numbers", transform->dump());
    grid.transform.a[i] = (*transform)[i].get<double>();
  }
  FAIR_TRY_ASSIGN(const std::int64_t block_width, whole(json, "block_width", 256));
  FAIR_TRY_ASSIGN(const std::int64_t block_height, whole(json, "block_height", 256));
  FAIR_TRY_ASSIGN(grid.columns, whole(json, "columns", 0));
  FAIR_TRY_ASSIGN(grid.rows, whole(json, "rows", 0));
  FAIR_TRY_ASSIGN(grid.width, whole(json, "width", 0));
  FAIR_TRY_ASSIGN(grid.height, whole(json, "height", 0));
  FAIR_TRY_ASSIGN(grid.origin_column, whole(json, "origin_column", 0));
  FAIR_TRY_ASSIGN(grid.origin_row, whole(json, "origin_row", 0));
  FAIR_TRY_ASSIGN(const std::int64_t zoom, whole(json, "zoom", -1));
  constexpr std::int64_t most = std::int64_t{1} << 31;
  if (block_width < 1 || block_height < 1 || block_width > 65536 || block_height > 65536 || grid.columns < 1 || grid.rows < 1 ||
      grid.columns > most / block_width || grid.rows > most / block_height) {
    return fail(Code::usage, "grid", "blocks of 1 to 65536 pixels, at least one of them", json.dump().substr(0, 200));
  }
  grid.block_width = static_cast<std::int32_t>(block_width);
  grid.block_height = static_cast<std::int32_t>(block_height);
  grid.zoom = static_cast<std::int32_t>(zoom);
  return grid;
}

}  // namespace fair::web
