#include "core/pipeline/place_feature.h"

#include <algorithm>
#include <cmath>

#include "core/geo/geodesic.h"
#include "core/geo/transform.h"

namespace fair::pipeline {

vector::Feature place_feature(const ScanPlan& plan, const stac::ModelSpec& model, const InferenceOptions& options, const Rectangle& rectangle,
                              const stac::Class& cls, double confidence) {
  const auto at = [&](double x, double y) { return geo::pixel_to_lon_lat(plan.grid.crs, plan.transform, x, y); };
  const double middle_x = (rectangle.x0 + rectangle.x1) / 2;
  const double middle_y = (rectangle.y0 + rectangle.y1) / 2;

  vector::Feature feature;
  feature.class_value = cls.value;
  feature.class_name = cls.name;
  feature.confidence = confidence;
  const std::string& prefix = options.vectorize.id_prefix;
  feature.id = (prefix.empty() ? "" : prefix + "-") + cls.name + "-" + (plan.grid.zoom >= 0 ? std::to_string(plan.grid.zoom) + "-" : "") +
               std::to_string(plan.origin_column + static_cast<std::int64_t>(std::floor(middle_x))) + "-" +
               std::to_string(plan.origin_row + static_cast<std::int64_t>(std::floor(middle_y)));

  std::vector<geo::LonLat> ring{at(rectangle.x0, rectangle.y0), at(rectangle.x0, rectangle.y1), at(rectangle.x1, rectangle.y1),
                                at(rectangle.x1, rectangle.y0)};
  const double area = geo::ring_area(ring);
  feature.area_m2 = std::fabs(area);
  if (area < 0) std::reverse(ring.begin(), ring.end());
  const stac::GeometryKind geometry = options.vectorize.classes.empty() ? model.geometry : options.vectorize.geometry;
  if (geometry == stac::GeometryKind::point) {
    const geo::LonLat middle = at(middle_x, middle_y);
    feature.type = vector::GeometryType::point;
    feature.points = {{middle.lon, middle.lat}};
    return feature;
  }
  vector::Ring corners;
  for (const geo::LonLat& corner : ring) corners.push_back({corner.lon, corner.lat});
  feature.type = vector::GeometryType::polygon;
  feature.polygons = {{std::move(corners)}};
  return feature;
}

}  // namespace fair::pipeline
