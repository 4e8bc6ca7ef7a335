// From pixels to places.
#pragma once

#include <optional>

#include "core/geo/grid.h"

namespace fair::geo {

struct Place {
  double x = 0, y = 0;  ///< in the grid's own coordinates
};

[[nodiscard]] Place apply(const GeoTransform& transform, double column, double row);
/// Nothing where the transform has no inverse.
[[nodiscard]] std::optional<GeoTransform> invert(const GeoTransform& transform);
/// The same ground seen with pixels `factor` times as large.
[[nodiscard]] GeoTransform scaled(const GeoTransform& transform, double factor_x, double factor_y);
/// The transform whose pixel (0, 0) is this one's (column, row).
[[nodiscard]] GeoTransform shifted(const GeoTransform& transform, double column, double row);

[[nodiscard]] LonLat lon_lat(Crs crs, Place place);
[[nodiscard]] Place place_of(Crs crs, LonLat lon_lat);
[[nodiscard]] LonLat pixel_to_lon_lat(Crs crs, const GeoTransform& transform, double column, double row);

/// True metres on the ground of one pixel step to the right and one down, at that pixel.
struct GroundSize {
  double across = 0, down = 0;
};
[[nodiscard]] GroundSize ground_size(Crs crs, const GeoTransform& transform, double column, double row);

}  // namespace fair::geo
