// Plane geometry in pixel space and map features in lon/lat.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/json.h"

namespace fair::vector {

/// A pixel corner. `junction` marks a corner where borders of three shapes meet (or a shape touches itself): simplification keeps it.
struct Corner {
  std::int32_t x = 0, y = 0;
  bool junction = false;
};

/// One connected shape as the polygonizer emits it: rings of pixel corners, not closed (the first corner is not repeated), each simple.
/// Outer rings run clockwise on screen (y down) and holes the other way, so pixels of the shape lie on the right hand; what makes features of
/// them turns rings round, since RFC 7946 has it the other way.
/// A 4-connected shape has one part. An 8-connected shape has one part for each of its 4-connected pieces; parts touch in corners only.
struct Shape {
  std::int32_t value = 0;                  ///< class value
  std::int64_t pixels = 0;                 ///< area in pixels
  std::int64_t confidence = 0;             ///< sum over its pixels of the score in 1/65535
  std::int32_t first_x = 0, first_y = 0;   ///< its first pixel in row-major order
  std::vector<std::vector<Corner>> rings;  ///< part by part: the outer ring, then its holes
  std::vector<std::uint32_t> parts;        ///< where in `rings` each part's outer ring stands; begins with 0
};

/// A whole pixel: column and row.
struct Pixel {
  std::int32_t x = 0, y = 0;
};

struct Point {
  double x = 0, y = 0;
};
using Ring = std::vector<Point>;    ///< not closed
using Polygon = std::vector<Ring>;  ///< outer ring, then holes
using MultiPolygon = std::vector<Polygon>;

enum class GeometryType { point, line_string, polygon, multi_polygon };

/// A map feature; coordinates are lon/lat degrees (RFC 7946), polygons wound by its right-hand rule and valid.
struct Feature {
  std::string id;
  std::int32_t class_value = 0;
  std::string class_name;
  double confidence = 0;  ///< 0..1
  double area_m2 = 0;     ///< true geodesic square metres of the polygon it came from
  GeometryType type = GeometryType::polygon;
  MultiPolygon polygons;        ///< polygon (one entry) and multi_polygon
  std::vector<Point> points;    ///< point (one entry) and line_string
  Json extra = Json::object();  ///< further properties
};

}  // namespace fair::vector
