#include "core/geo/mercator.h"

#include <algorithm>

#include "core/geo/dmath.h"

namespace fair::geo {

Mercator to_mercator(LonLat place) {
  const double latitude = std::clamp(place.lat, -mercator_max_latitude, mercator_max_latitude);
  const double s = dsin(latitude * degree);
  return {place.lon * (mercator_half / 180.0), earth_radius * 0.5 * dlog((1 + s) / (1 - s))};
}

LonLat to_lon_lat(Mercator place) { return {place.x * (180.0 / mercator_half), (2.0 * datan(dexp(place.y / earth_radius)) - pi / 2) / degree}; }

}  // namespace fair::geo
