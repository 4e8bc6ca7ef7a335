// Pictures that are cells of one pixel grid, found among many.
#pragma once

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "core/geo/grid.h"

namespace fair::geo {

/// Where one picture lies.
struct Placement {
  Crs crs = Crs::web_mercator;
  GeoTransform transform;
  std::int32_t width = 0, height = 0;
};

/// One grid and the pictures in it, by (row, column).
struct Mosaic {
  BlockGrid grid;
  std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> cells;
};

/// Groups pictures whose pixels and sizes are equal and whose corners lie whole pictures apart, so that what crosses their edges is seen whole. In
/// the order of the first picture of each; of two in one cell the second begins a group of its own. Pictures that cover tiles of the Web Mercator
/// pyramid (zoom 14 and more) are taken as those tiles, also where their georeference is in degrees.
[[nodiscard]] std::vector<Mosaic> mosaics_of(std::vector<Placement> pictures);

}  // namespace fair::geo
