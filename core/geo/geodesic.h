// True measures on the WGS 84 ellipsoid.
#pragma once

#include <vector>

#include "core/geo/grid.h"

namespace fair::geo {

/// Area in square metres of a ring of lon/lat degrees (not closed), whose sides are straight in lon and lat as RFC 7946 has it.
/// Positive when it runs counter-clockwise on a north-up map.
[[nodiscard]] double ring_area(const std::vector<LonLat>& ring);

/// Metres along the straight lon/lat line from a to b. Long lines are measured piece by piece.
[[nodiscard]] double distance(LonLat a, LonLat b);

/// Metres of one degree at that latitude.
struct DegreeSize {
  double lon = 0, lat = 0;
};
[[nodiscard]] DegreeSize degree_size(double latitude);

}  // namespace fair::geo
