#include "core/geo/tile.h"

#include <algorithm>
#include <cmath>

#include "core/geo/mercator.h"

namespace fair::geo {
namespace {

double tiles_across(std::int32_t z) { return std::ldexp(1.0, z); }

std::string text(const Bounds& box) {
  return std::to_string(box.west) + "," + std::to_string(box.south) + "," + std::to_string(box.east) + "," + std::to_string(box.north);
}

}  // namespace

Bounds mercator_bounds(Tile tile) {
  const double size = 2.0 * mercator_half / tiles_across(tile.z);
  const double west = -mercator_half + static_cast<double>(tile.x) * size;
  const double north = mercator_half - static_cast<double>(tile.y) * size;
  return {west, north - size, west + size, north};
}

Bounds bounds(Tile tile) {
  const Bounds m = mercator_bounds(tile);
  const LonLat low = to_lon_lat({m.west, m.south});
  const LonLat high = to_lon_lat({m.east, m.north});
  return {low.lon, low.lat, high.lon, high.lat};
}

Tile tile_at(LonLat place, std::int32_t z) {
  const Mercator m = to_mercator(place);
  const double size = 2.0 * mercator_half / tiles_across(z);
  const auto last = static_cast<std::int64_t>(tiles_across(z)) - 1;
  const auto x = static_cast<std::int64_t>(std::floor((m.x + mercator_half) / size));
  const auto y = static_cast<std::int64_t>(std::floor((mercator_half - m.y) / size));
  return {z, std::clamp<std::int64_t>(x, 0, last), std::clamp<std::int64_t>(y, 0, last)};
}

std::string quadkey(Tile tile) {
  std::string key;
  for (std::int32_t bit = tile.z - 1; bit >= 0; --bit) {
    const std::int64_t right = (tile.x >> bit) & 1;
    const std::int64_t down = (tile.y >> bit) & 1;
    key.push_back(static_cast<char>('0' + right + 2 * down));
  }
  return key;
}

std::int64_t tms_y(Tile tile) { return (std::int64_t{1} << tile.z) - 1 - tile.y; }

Result<BlockGrid> tile_grid(const Bounds& box, std::int32_t z, std::int32_t tile_size) {
  if (z < 0 || z > 30) return fail(Code::usage, "zoom", "0 to 30", std::to_string(z), "14 to 22 suit buildings");
  const bool in_world = box.west >= -180 && box.east <= 180 && box.south >= -90 && box.north <= 90;
  if (!in_world || !(box.west < box.east) || !(box.south < box.north)) {
    return fail(Code::usage, "bbox " + text(box), "west < east within -180…180 and south < north within -90…90, in degrees", "something else",
                "give W,S,E,N; split an area that crosses the antimeridian");
  }
  // A box that ends on a tile's edge does not take in the next tile.
  const double nudge = 1e-9;
  const Tile first = tile_at({box.west + nudge, box.north - nudge}, z);
  const Tile last = tile_at({box.east - nudge, box.south + nudge}, z);
  const Bounds corner = mercator_bounds(first);
  const double pixel = 2.0 * mercator_half / tiles_across(z) / tile_size;
  BlockGrid grid;
  grid.crs = Crs::web_mercator;
  grid.transform = GeoTransform{{corner.west, pixel, 0, corner.north, 0, -pixel}};
  grid.block_width = grid.block_height = tile_size;
  grid.columns = last.x - first.x + 1;
  grid.rows = last.y - first.y + 1;
  grid.origin_column = first.x * tile_size;
  grid.origin_row = first.y * tile_size;
  grid.zoom = z;
  return grid;
}

Tile tile_of_block(const BlockGrid& grid, std::int64_t column, std::int64_t row) {
  return {grid.zoom, grid.origin_column / grid.block_width + column, grid.origin_row / grid.block_height + row};
}

}  // namespace fair::geo
