#include "core/pipeline/label_union.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/geo/geodesic.h"
#include "core/geo/transform.h"
#include "core/pipeline/place_feature.h"
#include "core/vector/transpose.h"

namespace fair::pipeline {
namespace {

vector::PolygonizeOptions polygonizing(const ScanPlan& plan) {
  vector::PolygonizeOptions out;
  out.width = static_cast<std::int32_t>(plan.across().count());
  return out;
}

/// Where window `i` begins; the last one, which is moved inside the imagery, begins where the one before ends.
double border(const raster::WindowAxis& axis, std::int32_t i) {
  return static_cast<double>(std::min<std::int64_t>(static_cast<std::int64_t>(i) * axis.stride(), axis.extent));
}

}  // namespace

LabelUnion::LabelUnion(const ScanPlan& plan, const stac::ModelSpec& model, const InferenceOptions& options)
    : plan_(plan),
      model_(model),
      options_(options),
      classes_(static_cast<std::size_t>(plan.across().count()), 0),
      certain_(classes_.size(), 0),
      polygonizer_(polygonizing(plan), [this](vector::Shape&& shape) { emit(std::move(shape)); }) {}

void LabelUnion::add(ScanPlan::Step step, const LabelDecision& label) {
  close_strips(step.b);
  classes_[static_cast<std::size_t>(step.a)] = static_cast<std::uint8_t>(label.index + 1);
  certain_[static_cast<std::size_t>(step.a)] = static_cast<std::uint16_t>(std::lround(std::clamp(label.confidence, 0.0, 1.0) * 65535));
}

void LabelUnion::close_strips(std::int64_t until) {
  for (; strip_ < until; ++strip_) {
    polygonizer_.push(classes_.data(), 1, certain_.data());
    std::fill(classes_.begin(), classes_.end(), std::uint8_t{0});
    std::fill(certain_.begin(), certain_.end(), std::uint16_t{0});
  }
}

void LabelUnion::finish() {
  close_strips(plan_.along().count());
  polygonizer_.finish();
}

void LabelUnion::emit(vector::Shape&& traced) {
  const vector::Shape shape = plan_.transposed ? vector::transposed(std::move(traced)) : std::move(traced);
  const double confidence = static_cast<double>(shape.confidence) / (65535.0 * static_cast<double>(shape.pixels));
  const stac::Class& cls = model_.output.classes[static_cast<std::size_t>(shape.value - 1)];
  // Class, id and, where points are wanted, the geometry of its first window.
  const Rectangle first{border(plan_.x, shape.first_x), border(plan_.y, shape.first_y), border(plan_.x, shape.first_x + 1),
                        border(plan_.y, shape.first_y + 1)};
  vector::Feature feature = place_feature(plan_, model_, options_, first, cls, confidence);
  vector::Polygon polygon;
  double area = 0;
  for (const std::vector<vector::Corner>& corners : shape.rings) {
    std::vector<geo::LonLat> ring;
    ring.reserve(corners.size());
    for (const vector::Corner& c : corners) {
      ring.push_back(geo::pixel_to_lon_lat(plan_.grid.crs, plan_.transform, border(plan_.x, c.x), border(plan_.y, c.y)));
    }
    const bool outer = polygon.empty();
    const double its = geo::ring_area(ring);
    area += outer ? std::fabs(its) : -std::fabs(its);
    if ((its < 0) == outer) std::reverse(ring.begin(), ring.end());
    vector::Ring placed;
    for (const geo::LonLat& at : ring) placed.push_back({at.lon, at.lat});
    polygon.push_back(std::move(placed));
  }
  feature.area_m2 = area;
  if (feature.type == vector::GeometryType::polygon) feature.polygons = {std::move(polygon)};
  ready_.push_back(std::move(feature));
}

std::vector<vector::Feature> LabelUnion::take() { return std::exchange(ready_, {}); }

}  // namespace fair::pipeline
