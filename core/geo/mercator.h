// Spherical Web Mercator (EPSG:3857) and back.
#pragma once

#include "core/geo/grid.h"

namespace fair::geo {

inline constexpr double earth_radius = 6378137.0;            ///< metres
inline constexpr double mercator_half = 20037508.342789244;  ///< half the width of the world in its units
inline constexpr double mercator_max_latitude = 85.05112877980659;

struct Mercator {
  double x = 0, y = 0;  ///< EPSG:3857 units
};

/// Latitudes beyond the projection's square are clamped to it.
[[nodiscard]] Mercator to_mercator(LonLat place);
[[nodiscard]] LonLat to_lon_lat(Mercator place);

}  // namespace fair::geo
