// Colours as people mix them.
#pragma once

namespace fair::draw {

/// Red, green, blue from 0 to 255.
struct Colour {
  double r = 0, g = 0, b = 0;
};

[[nodiscard]] inline Colour operator*(const Colour& c, double factor) { return {c.r * factor, c.g * factor, c.b * factor}; }
/// `share` of b in a.
[[nodiscard]] inline Colour mix(const Colour& a, const Colour& b, double share) {
  return {a.r + (b.r - a.r) * share, a.g + (b.g - a.g) * share, a.b + (b.b - a.b) * share};
}

}  // namespace fair::draw
