// A town as somebody would have it: a folder of georeferenced chips, and a file of footprints.
#pragma once

#include <filesystem>

#include "core/base/error.h"
#include "core/geo/grid.h"
#include "native/demo/town.h"

namespace fair::demo {

struct TownFiles {
  std::filesystem::path chips;       ///< folder of town-<x>-<y>-19.tif: 256 px, RGB, EPSG:3857, named by their tile
  std::filesystem::path footprints;  ///< buildings.geojson, lon/lat
  std::filesystem::path tiles;       ///< folder of 19/<x>/<y>.png, the same pixels as a browser reads them
  geo::LonLat centre;
  std::int64_t chip_count = 0, buildings = 0;
};

/// Chips of the two southernmost rows of an eight-row town, as dataset make's --holdout wants it.
inline constexpr const char* southern_rows = "town-*-26214?-19";

/// Writes into `folder`, which is made. The town lies where no town is, in the Gulf of Guinea by latitude and longitude zero. Errors: what cannot be
/// written, by name.
[[nodiscard]] Result<TownFiles> write_town(const Town& town, const std::filesystem::path& folder);

}  // namespace fair::demo
