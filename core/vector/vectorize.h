// Shapes in pixels -> features on the map: simplify, square, measure, name.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/geo/grid.h"
#include "core/stac/model_spec.h"
#include "core/vector/polygonize.h"
#include "core/vector/splitter.h"

namespace fair::vector {

/// Tolerances are true ground metres. Defaults are what mappers know from the older predictor.
struct VectorizeOptions {
  double tolerance = 0.5;       ///< simplification, metres; 0 keeps every corner
  double area_threshold = 3.0;  ///< features smaller than this are dropped, m²
  bool orthogonalize = true;
  double max_angle_change = 15.0;  ///< degrees a side may turn when squared
  double skew_tolerance = 15.0;    ///< degrees a corner may be off 90° and still be squared
  Connectivity connectivity = Connectivity::four;
  stac::GeometryKind geometry = stac::GeometryKind::polygon;
  std::vector<stac::Class> classes;  ///< names by value
  std::string output_name;           ///< features carry this property with the class name
  std::string id_prefix;             ///< first part of feature ids
  bool split_touching = true;        ///< where borders are pushed, things that touch become features of their own
  double split_depth = 0.4;          ///< how much more sure of a thing's middle than of the pass to its neighbour; 0..1
  double split_area = 12.0;          ///< things smaller than this are not taken off another, m²; at the mask's edge a quarter of it
  bool transposed = false;           ///< what is pushed are the mask's columns from west to east; features come out the same, ordered by columns
};

/// Takes mask strips of one grid, gives finished features. Holds one strip and the shapes still open.
class Vectorizer {
 public:
  /// `transform` maps mask pixel corners (of pixel 0,0) to `crs`; `origin` is the mask's first pixel in the global grid (for ids), `zoom` its tile
  /// zoom or -1.
  Vectorizer(const VectorizeOptions& options, geo::Crs crs, const geo::GeoTransform& transform, std::int32_t width, std::int64_t origin_column,
             std::int64_t origin_row, std::int32_t zoom);
  ~Vectorizer();
  Vectorizer(Vectorizer&&) noexcept;
  Vectorizer& operator=(Vectorizer&&) noexcept;

  /// `scores` and `borders` (how likely a pixel lies between two things) in 1/65535. Borders come with every strip or with none, and with scores.
  void push(const std::uint8_t* mask, std::int32_t rows, const std::uint16_t* scores = nullptr, const std::uint16_t* borders = nullptr);
  void finish();
  /// Features finished since the last call, in the order their last pixel was seen.
  [[nodiscard]] std::vector<Feature> take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fair::vector
