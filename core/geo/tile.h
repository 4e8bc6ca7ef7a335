// Tiles of the Web Mercator pyramid (XYZ scheme).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/geo/grid.h"

namespace fair::geo {

struct Tile {
  std::int32_t z = 0;
  std::int64_t x = 0, y = 0;  ///< y counts from the north
};

[[nodiscard]] Bounds bounds(Tile tile);           ///< lon/lat
[[nodiscard]] Bounds mercator_bounds(Tile tile);  ///< EPSG:3857 units
[[nodiscard]] Tile tile_at(LonLat place, std::int32_t z);
[[nodiscard]] std::string quadkey(Tile tile);
/// y counted from the south, as TMS does.
[[nodiscard]] std::int64_t tms_y(Tile tile);

/// The grid of whole tiles that covers a lon/lat box. Errors name a box that is empty, outside the world, or crosses the antimeridian.
[[nodiscard]] Result<BlockGrid> tile_grid(const Bounds& box, std::int32_t z, std::int32_t tile_size);
/// The tile that block (column, row) of such a grid is.
[[nodiscard]] Tile tile_of_block(const BlockGrid& grid, std::int64_t column, std::int64_t row);

}  // namespace fair::geo
