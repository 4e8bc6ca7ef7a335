#include "core/geo/transform.h"

#include "core/geo/geodesic.h"
#include "core/geo/mercator.h"

namespace fair::geo {

Place apply(const GeoTransform& t, double column, double row) {
  return {t.a[0] + column * t.a[1] + row * t.a[2], t.a[3] + column * t.a[4] + row * t.a[5]};
}

std::optional<GeoTransform> invert(const GeoTransform& t) {
  const double determinant = t.a[1] * t.a[5] - t.a[2] * t.a[4];
  if (!(determinant < 0) && !(determinant > 0)) return std::nullopt;
  GeoTransform inverse;
  inverse.a[1] = t.a[5] / determinant;
  inverse.a[2] = -t.a[2] / determinant;
  inverse.a[4] = -t.a[4] / determinant;
  inverse.a[5] = t.a[1] / determinant;
  inverse.a[0] = -(inverse.a[1] * t.a[0] + inverse.a[2] * t.a[3]);
  inverse.a[3] = -(inverse.a[4] * t.a[0] + inverse.a[5] * t.a[3]);
  return inverse;
}

GeoTransform scaled(const GeoTransform& t, double factor_x, double factor_y) {
  GeoTransform s = t;
  s.a[1] *= factor_x;
  s.a[4] *= factor_x;
  s.a[2] *= factor_y;
  s.a[5] *= factor_y;
  return s;
}

GeoTransform shifted(const GeoTransform& t, double column, double row) {
  GeoTransform s = t;
  const Place origin = apply(t, column, row);
  s.a[0] = origin.x;
  s.a[3] = origin.y;
  return s;
}

LonLat lon_lat(Crs crs, Place place) { return crs == Crs::wgs84 ? LonLat{place.x, place.y} : to_lon_lat({place.x, place.y}); }

Place place_of(Crs crs, LonLat at) {
  if (crs == Crs::wgs84) return {at.lon, at.lat};
  const Mercator m = to_mercator(at);
  return {m.x, m.y};
}

LonLat pixel_to_lon_lat(Crs crs, const GeoTransform& transform, double column, double row) { return lon_lat(crs, apply(transform, column, row)); }

GroundSize ground_size(Crs crs, const GeoTransform& transform, double column, double row) {
  const LonLat at = pixel_to_lon_lat(crs, transform, column, row);
  return {distance(at, pixel_to_lon_lat(crs, transform, column + 1, row)), distance(at, pixel_to_lon_lat(crs, transform, column, row + 1))};
}

}  // namespace fair::geo
