// Pixel grids on the ground: where pixel (column, row) lies.
#pragma once

#include <cstdint>
#include <vector>

namespace fair::geo {

/// Coordinates core computes in. Anything else is warped to web_mercator by the host before it reaches core.
enum class Crs { wgs84, web_mercator };  // EPSG:4326 (lon, lat) and EPSG:3857

struct LonLat {
  double lon = 0, lat = 0;
};
struct Bounds {
  double west = 0, south = 0, east = 0, north = 0;
};

/// Affine map from pixel corners to coordinates, GDAL's order: x = a[0] + col*a[1] + row*a[2]; y = a[3] + col*a[4] + row*a[5].
struct GeoTransform {
  double a[6] = {0, 1, 0, 0, 0, -1};
};

/// A regular grid of blocks (tiles, chips, or reads from one large raster) of equal pixel size.
struct BlockGrid {
  Crs crs = Crs::web_mercator;
  GeoTransform transform;                              ///< of the grid's pixel (0, 0), the corner of block (0, 0)
  std::int32_t block_width = 256, block_height = 256;  ///< pixels
  std::int64_t columns = 0, rows = 0;                  ///< blocks
  /// Pixels of imagery where it ends inside the last column or row of blocks; 0: the blocks are full.
  std::int64_t width = 0, height = 0;
  std::vector<bool> present;  ///< columns*rows, row-major; empty means all are there
  /// Pixel of a global grid that block (0,0) starts at (tile x * 256, …): makes feature ids independent of the asked area.
  std::int64_t origin_column = 0, origin_row = 0;
  std::int32_t zoom = -1;  ///< of a tile grid, else -1
};

}  // namespace fair::geo
