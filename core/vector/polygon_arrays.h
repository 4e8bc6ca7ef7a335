// A whole mask's polygons as flat arrays, for those who want places and no features: nothing is simplified.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/vector/polygonize.h"

namespace fair::vector {

/// Laid out as GeoArrow lays out polygons: offsets into the next array, one more than there are entries.
struct PolygonArrays {
  std::vector<double> coordinates;      ///< x, y, x, y, …
  std::vector<std::uint32_t> rings;     ///< where each ring begins, in points; the first point is repeated as the last
  std::vector<std::uint32_t> polygons;  ///< where each polygon begins, in rings: the outer ring, then its holes
  std::vector<std::uint8_t> values;     ///< each polygon's class value
};

/// `transform` maps pixel corners to the map as GDAL's six numbers do; on a map with north up the outer rings run anticlockwise (RFC 7946).
[[nodiscard]] PolygonArrays polygon_arrays(const std::uint8_t* mask, std::int32_t width, std::int32_t height, Connectivity connectivity,
                                           std::span<const double, 6> transform);

}  // namespace fair::vector
