#include "core/vector/vectorize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>

#include "core/geo/geodesic.h"
#include "core/geo/transform.h"
#include "core/vector/centre_line.h"
#include "core/vector/label_point.h"
#include "core/vector/neighbours.h"
#include "core/vector/orthogonalize.h"
#include "core/vector/shape_polygons.h"
#include "core/vector/simplify.h"
#include "core/vector/transpose.h"
#include "core/vector/validity.h"

namespace fair::vector {
namespace {

Ring picked(const std::vector<Corner>& ring, const std::vector<std::size_t>& kept) {
  Ring out;
  out.reserve(kept.size());
  for (const std::size_t i : kept) out.push_back({static_cast<double>(ring[i].x), static_cast<double>(ring[i].y)});
  return out;
}

Ring in_metres(const Ring& ring, PixelSize pixel, double factor) {
  Ring out;
  out.reserve(ring.size());
  for (const Point& p : ring) out.push_back(factor > 0 ? Point{p.x * pixel.across, p.y * pixel.down} : Point{p.x / pixel.across, p.y / pixel.down});
  return out;
}

Ring whole(const std::vector<Corner>& ring) {
  Ring out;
  out.reserve(ring.size());
  for (const Corner& c : ring) out.push_back({static_cast<double>(c.x), static_cast<double>(c.y)});
  return out;
}

/// Rounded, so that a number's text is short.
double in_centimetres(double metres) { return std::floor(metres * 100.0 + 0.5) / 100.0; }

bool has_junction(const std::vector<Corner>& ring) {
  return std::any_of(ring.begin(), ring.end(), [](const Corner& c) { return c.junction; });
}

}  // namespace

struct Vectorizer::State {
  VectorizeOptions options;
  geo::Crs crs;
  geo::GeoTransform transform;
  std::int64_t origin_column, origin_row;
  std::int32_t zoom;
  std::vector<Feature> ready;
  Neighbours neighbours;  ///< for the promise that squaring overlaps none that is there
  struct RowSize {
    std::int32_t row = -1;
    geo::GroundSize size;
  };
  std::array<RowSize, 256> row_sizes;  ///< north-up grids: pixels of one row are of one size, and speckle asks again and again
  std::unique_ptr<Polygonizer> polygonizer;
  std::unique_ptr<Splitter> splitter;  ///< in front of the polygonizer once borders have come
  std::int32_t width = 0;

  void split() {
    SplitOptions wanted;
    wanted.width = width;
    wanted.transposed = options.transposed;
    for (const stac::Class& cls : options.classes) wanted.max_value = std::max(wanted.max_value, cls.value);
    wanted.watershed.connectivity = connectivity();
    wanted.watershed.depth = static_cast<std::int32_t>(options.split_depth * 65535.0);
    const PixelSize pixel = pixel_at(0, 0);
    wanted.watershed.min_pixels = static_cast<std::int64_t>(options.split_area / (pixel.across * pixel.down));
    splitter = std::make_unique<Splitter>(
        wanted, [this](const std::uint8_t* codes, std::int32_t rows, const std::uint16_t* scores) { polygonizer->push(codes, rows, scores); });
  }

  // A line of one pixel's width that slants holds together by corners.
  [[nodiscard]] Connectivity connectivity() const {
    return options.geometry == stac::GeometryKind::line ? Connectivity::eight : options.connectivity;
  }

  PixelSize pixel_at(std::int32_t column, std::int32_t row) {
    if (transform.a[2] != 0 || transform.a[4] != 0) {
      const geo::GroundSize size = geo::ground_size(crs, transform, column, row);
      return {size.across, size.down};
    }
    RowSize& known = row_sizes[static_cast<std::size_t>(row) % row_sizes.size()];
    if (known.row != row) known = {row, geo::ground_size(crs, transform, 0, row)};
    return {known.size.across, known.size.down};
  }

  void add(Shape&& shape) {
    const PixelSize pixel = pixel_at(shape.first_x, shape.first_y);
    // A shape of fewer pixels can't reach the threshold, whatever simplifying does to it.
    if (static_cast<double>(shape.pixels) * pixel.across * pixel.down < 0.5 * options.area_threshold) return;
    if (options.geometry == stac::GeometryKind::line) {
      emit_lines(shape, pixel);
      return;
    }
    MultiPolygon polygons;
    for (std::size_t p = 0; p < shape.parts.size(); ++p) {
      const std::size_t end = p + 1 < shape.parts.size() ? shape.parts[p + 1] : shape.rings.size();
      polygons.push_back(outline(shape, shape.parts[p], end, pixel));
    }
    emit(shape, polygons, pixel);
  }

  /// One part in pixels: simplified, squared where that holds, always valid.
  Polygon outline(const Shape& shape, std::size_t first, std::size_t end, PixelSize pixel) {
    Polygon polygon;
    std::vector<std::vector<std::size_t>> kept;
    double tolerance = options.tolerance;
    for (int attempt = 0; attempt < 6; ++attempt, tolerance = attempt == 5 ? 0 : tolerance / 2) {
      polygon.clear();
      kept.clear();
      for (std::size_t r = first; r < end; ++r) {
        auto corners = simplify(shape.rings[r], pixel, tolerance);
        Ring ring = picked(shape.rings[r], corners);
        const bool turned = ring.size() < 3 || twice_area(ring) * (r == first ? 1.0 : -1.0) <= 0;
        if (turned && r != first) continue;  // a hole thinner than the tolerance
        kept.push_back(std::move(corners));
        polygon.push_back(std::move(ring));
      }
      if (is_valid(polygon)) break;
    }
    if (options.orthogonalize && !has_junction(shape.rings[first])) square(shape, first, end, kept, pixel, polygon);
    if (options.orthogonalize) neighbours.add(polygon.front());
    return polygon;
  }

  void square(const Shape& shape, std::size_t first, std::size_t end, const std::vector<std::vector<std::size_t>>& kept, PixelSize pixel,
              Polygon& polygon) {
    if (kept.size() != end - first) return;
    OrthogonalizeOptions squaring;
    squaring.max_angle_change = options.max_angle_change;
    squaring.skew_tolerance = options.skew_tolerance;
    squaring.max_shift = std::max(2.0 * options.tolerance, 2.0 * std::max(pixel.across, pixel.down));
    Polygon squared;
    const double direction = main_direction(in_metres(polygon.front(), pixel, 1));
    for (std::size_t r = first; r < end; ++r) {
      const Ring trace = in_metres(whole(shape.rings[r]), pixel, 1);
      const auto ring = orthogonalize(in_metres(polygon[r - first], pixel, 1), trace, kept[r - first], direction, squaring);
      if (!ring) {
        if (r == first) return;
        squared.push_back(polygon[r - first]);
        continue;
      }
      squared.push_back(in_metres(*ring, pixel, -1));
    }
    if (!is_valid(squared)) return;
    if (neighbours.newly_overlapped(squared.front(), polygon.front())) return;
    polygon = std::move(squared);
  }

  std::vector<geo::LonLat> on_map(const Ring& ring) const {
    std::vector<geo::LonLat> out;
    out.reserve(ring.size());
    for (const Point& p : ring) out.push_back(geo::pixel_to_lon_lat(crs, transform, p.x, p.y));
    return out;
  }

  /// Class, confidence and an id from the feature's first pixel.
  void name(Feature& feature, const Shape& shape, Pixel first) const {
    feature.class_value = shape.value;
    for (const stac::Class& cls : options.classes) {
      if (cls.value == shape.value) feature.class_name = cls.name;
    }
    if (feature.class_name.empty()) feature.class_name = std::to_string(shape.value);
    feature.confidence = static_cast<double>(shape.confidence) / (65535.0 * static_cast<double>(shape.pixels));
    feature.id = options.id_prefix + (options.id_prefix.empty() ? "" : "-") + feature.class_name + "-" +
                 (zoom >= 0 ? std::to_string(zoom) + "-" : "") + std::to_string(origin_column + first.x) + "-" + std::to_string(origin_row + first.y);
  }

  /// True area of the pixels, m².
  double area_of(const Shape& shape) const {
    double area = 0;
    for (const auto& ring : shape.rings) area -= geo::ring_area(on_map(whole(ring)));  // they run clockwise on the map
    return std::fabs(area);
  }

  void emit_lines(const Shape& shape, PixelSize pixel) {
    const double area = area_of(shape);
    if (area < options.area_threshold) return;
    for (CentreLine& line : centre_lines(shape, pixel, options.tolerance)) {
      const std::vector<geo::LonLat> places = on_map(line.points);
      double length = 0;
      for (std::size_t i = 1; i < places.size(); ++i) length += geo::distance(places[i - 1], places[i]);
      if (!(length > 0)) continue;
      Feature feature;
      feature.type = GeometryType::line_string;
      for (const geo::LonLat& at : places) feature.points.push_back({at.lon, at.lat});
      feature.area_m2 = area * line.share;
      name(feature, shape, line.first);
      feature.extra["length_m"] = in_centimetres(length);
      feature.extra["width_m"] = in_centimetres(feature.area_m2 / length);
      ready.push_back(std::move(feature));
    }
  }

  void emit(const Shape& shape, const MultiPolygon& polygons, PixelSize pixel) {
    Feature feature;
    for (const Polygon& polygon : polygons) {
      Polygon mapped;
      for (std::size_t r = 0; r < polygon.size(); ++r) {
        std::vector<geo::LonLat> ring = on_map(polygon[r]);
        const double area = geo::ring_area(ring);
        feature.area_m2 += (r == 0 ? 1.0 : -1.0) * std::fabs(area);
        if ((area > 0) != (r == 0)) std::reverse(ring.begin(), ring.end());
        Ring points;
        for (const geo::LonLat& at : ring) points.push_back({at.lon, at.lat});
        mapped.push_back(std::move(points));
      }
      feature.polygons.push_back(std::move(mapped));
    }
    if (feature.area_m2 < options.area_threshold) return;
    feature.type = feature.polygons.size() == 1 ? GeometryType::polygon : GeometryType::multi_polygon;
    name(feature, shape, {shape.first_x, shape.first_y});
    if (options.geometry == stac::GeometryKind::point) {
      const auto largest = std::max_element(polygons.begin(), polygons.end(), [](const Polygon& a, const Polygon& b) {
        return std::fabs(twice_area(a[0])) < std::fabs(twice_area(b[0]));
      });
      const Point at = label_point(*largest, 0.1 / std::max(pixel.across, pixel.down));
      const geo::LonLat place = geo::pixel_to_lon_lat(crs, transform, at.x, at.y);
      feature.type = GeometryType::point;
      feature.points = {{place.lon, place.lat}};
      feature.polygons.clear();
    }
    ready.push_back(std::move(feature));
  }
};

Vectorizer::Vectorizer(const VectorizeOptions& options, geo::Crs crs, const geo::GeoTransform& transform, std::int32_t width,
                       std::int64_t origin_column, std::int64_t origin_row, std::int32_t zoom)
    : state_(std::make_unique<State>()) {
  state_->options = options;
  state_->neighbours = Neighbours(options.transposed);
  state_->crs = crs;
  state_->transform = transform;
  state_->origin_column = origin_column;
  state_->origin_row = origin_row;
  state_->zoom = zoom;
  state_->width = width;
  PolygonizeOptions polygonize;
  polygonize.width = width;
  polygonize.connectivity = state_->connectivity();
  State* const state = state_.get();
  state_->polygonizer = std::make_unique<Polygonizer>(polygonize, [state](Shape&& shape) {
    if (state->splitter) shape.value = state->splitter->value_of(static_cast<std::uint8_t>(shape.value));
    state->add(state->options.transposed ? transposed(std::move(shape)) : std::move(shape));
  });
}
Vectorizer::~Vectorizer() = default;
Vectorizer::Vectorizer(Vectorizer&&) noexcept = default;
Vectorizer& Vectorizer::operator=(Vectorizer&&) noexcept = default;

void Vectorizer::push(const std::uint8_t* mask, std::int32_t rows, const std::uint16_t* scores, const std::uint16_t* borders) {
  // Lines are drawn through what touches.
  const bool split =
      borders != nullptr && scores != nullptr && state_->options.split_touching && state_->options.geometry != stac::GeometryKind::line;
  if (!split) return state_->polygonizer->push(mask, rows, scores);
  if (!state_->splitter) state_->split();
  state_->splitter->push(mask, rows, scores, borders);
}
void Vectorizer::finish() {
  if (state_->splitter) state_->splitter->finish();
  state_->polygonizer->finish();
}
std::vector<Feature> Vectorizer::take() { return std::exchange(state_->ready, {}); }

}  // namespace fair::vector
