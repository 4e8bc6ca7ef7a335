#include "native/demo/shapes.h"

#include "core/geo/dmath.h"

namespace fair::demo {

vector::Polygon box(double width, double depth) {
  const double w = width / 2, d = depth / 2;
  return {{{-w, -d}, {w, -d}, {w, d}, {-w, d}}};
}

vector::Polygon ell(double width, double depth, double cut_width, double cut_depth) {
  const double w = width / 2, d = depth / 2;
  return {{{-w, -d}, {w, -d}, {w, d - cut_depth}, {w - cut_width, d - cut_depth}, {w - cut_width, d}, {-w, d}}};
}

vector::Polygon horseshoe(double width, double depth, double wing, double notch) {
  const double w = width / 2, d = depth / 2;
  return {{{-w, -d}, {w, -d}, {w, d}, {w - wing, d}, {w - wing, d - notch}, {wing - w, d - notch}, {wing - w, d}, {-w, d}}};
}

vector::Polygon courtyard(double width, double depth, double wing) {
  const double w = width / 2 - wing, d = depth / 2 - wing;
  vector::Polygon out = box(width, depth);
  out.push_back({{-w, -d}, {-w, d}, {w, d}, {w, -d}});
  return out;
}

vector::Polygon placed(const vector::Polygon& shape, vector::Point middle, vector::Point axis) {
  vector::Polygon out = shape;
  for (vector::Ring& ring : out) {
    for (vector::Point& p : ring) p = {middle.x + axis.x * p.x - axis.y * p.y, middle.y + axis.y * p.x + axis.x * p.y};
  }
  return out;
}

vector::Point turned(vector::Point axis, double angle) {
  const double c = geo::dcos(angle), s = geo::dsin(angle);
  return {c * axis.x - s * axis.y, s * axis.x + c * axis.y};
}

}  // namespace fair::demo
