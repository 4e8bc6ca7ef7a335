#include "native/demo/shadow.h"

#include <algorithm>
#include <cmath>

#include "core/geo/dmath.h"
#include "core/vector/rasterize.h"
#include "native/demo/scale.h"

namespace fair::demo {
namespace {

/// Marks all that the shape passes over on its way to the end of its shadow, a pixel a step.
void sweep(const vector::Polygon& shape, vector::Point to, std::vector<std::uint8_t>& mask, const Plan& plan) {
  const auto steps = static_cast<int>(std::ceil(std::max(std::abs(to.x), std::abs(to.y))));
  for (int i = 0; i <= steps; ++i) {
    vector::Polygon moved = shape;
    for (vector::Ring& ring : moved) {
      for (vector::Point& p : ring) p.x += to.x * i / std::max(1, steps), p.y += to.y * i / std::max(1, steps);
    }
    vector::rasterize(moved, std::uint8_t{1}, mask.data(), plan.width, plan.height);
  }
}

vector::Polygon disc(vector::Point at, double radius) {
  vector::Ring ring;
  for (int i = 0; i < 14; ++i) ring.push_back({at.x + radius * geo::dcos(i * geo::pi / 7), at.y + radius * geo::dsin(i * geo::pi / 7)});
  return {ring};
}

}  // namespace

void paint_shadows(draw::Canvas& canvas, const Plan& plan) {
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(plan.width) * static_cast<std::size_t>(plan.height), 0);
  for (const Building& b : plan.buildings) sweep(b.footprint, {plan.shadow.x * b.height, plan.shadow.y * b.height}, mask, plan);
  for (const Tree& t : plan.trees) {
    const double reach = t.height - t.radius;
    sweep(disc({t.at.x + plan.shadow.x * reach * 0.4, t.at.y + plan.shadow.y * reach * 0.4}, t.radius * 0.9),
          {plan.shadow.x * reach * 0.6, plan.shadow.y * reach * 0.6}, mask, plan);
  }
  for (const Car& c : plan.cars) sweep(disc(c.at, metres(1.0)), {plan.shadow.x * metres(1.4), plan.shadow.y * metres(1.4)}, mask, plan);
  // The sun is no point: edges are soft over three pixels.
  for (std::int32_t y = 0; y < plan.height; ++y) {
    for (std::int32_t x = 0; x < plan.width; ++x) {
      int sum = 0;
      for (std::int32_t ny = std::max(0, y - 1); ny <= std::min(plan.height - 1, y + 1); ++ny) {
        for (std::int32_t nx = std::max(0, x - 1); nx <= std::min(plan.width - 1, x + 1); ++nx) {
          sum += mask[static_cast<std::size_t>(ny) * static_cast<std::size_t>(plan.width) + static_cast<std::size_t>(nx)];
        }
      }
      if (sum == 0) continue;
      const draw::Colour c = canvas.at(x, y);
      canvas.blend(x, y, {c.r * 0.42, c.g * 0.45, c.b * 0.54}, std::min(1.0, sum / 9.0));
    }
  }
}

}  // namespace fair::demo
