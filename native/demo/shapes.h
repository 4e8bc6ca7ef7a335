// Outlines of houses about their own middle, walls along the axes.
#pragma once

#include "core/vector/geometry.h"

namespace fair::demo {

/// Outer rings run clockwise on screen, holes the other way. All lengths in pixels.
[[nodiscard]] vector::Polygon box(double width, double depth);
/// A box without its far right corner of cut_width x cut_depth.
[[nodiscard]] vector::Polygon ell(double width, double depth, double cut_width, double cut_depth);
/// A box with a notch in the middle of its far side.
[[nodiscard]] vector::Polygon horseshoe(double width, double depth, double wing, double notch);
/// A box about a yard whose wings are `wing` deep.
[[nodiscard]] vector::Polygon courtyard(double width, double depth, double wing);

/// Turned so that x points along `axis` (a unit vector), and moved to `middle`.
[[nodiscard]] vector::Polygon placed(const vector::Polygon& shape, vector::Point middle, vector::Point axis);
/// `axis` turned by a small angle.
[[nodiscard]] vector::Point turned(vector::Point axis, double angle);

}  // namespace fair::demo
