// A made-up town: imagery as from the air, and where its buildings are.
#pragma once

#include <cstdint>
#include <vector>

#include "core/raster/image.h"
#include "core/vector/geometry.h"

namespace fair::demo {

struct TownOptions {
  std::uint64_t seed = 7;
  std::int32_t columns = 8, rows = 8;  ///< chips of chip_pixels
};

struct Town {
  raster::Image image;                      ///< RGB, columns*256 x rows*256
  std::vector<vector::Polygon> footprints;  ///< of every building, in the image's pixels; outer rings clockwise on screen
};

/// The same bytes for the same options on every machine: only operations that IEEE 754 fixes are used.
[[nodiscard]] Town make_town(const TownOptions& options);

}  // namespace fair::demo
