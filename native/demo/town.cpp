#include "native/demo/town.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "native/demo/ground.h"
#include "native/demo/noise.h"
#include "native/demo/plan.h"
#include "native/demo/roof.h"
#include "native/demo/scale.h"
#include "native/demo/shadow.h"
#include "native/demo/shapes.h"
#include "native/draw/canvas.h"

namespace fair::demo {
namespace {

void paint_car(draw::Canvas& canvas, const Car& car) {
  canvas.fill(placed(box(metres(4.3), metres(1.8)), car.at, car.axis), car.colour);
  canvas.fill(placed(box(metres(2.3), metres(1.5)), {car.at.x - car.axis.x, car.at.y - car.axis.y}, car.axis), {38, 42, 50}, 0.6);
  canvas.fill(placed(box(metres(1.4), metres(1.4)), {car.at.x - car.axis.x, car.at.y - car.axis.y}, car.axis), car.colour * 1.05);
}

/// A crown: ragged at its edge, bright on the sun's side, leaves in clumps.
void paint_tree(draw::Canvas& canvas, const Tree& tree, vector::Point sun, std::uint64_t seed) {
  const double reach = tree.radius * 1.25;
  const auto from = [](double v) { return static_cast<std::int32_t>(std::max(0.0, std::floor(v))); };
  const auto to = [](double v, std::int32_t limit) { return static_cast<std::int32_t>(std::min<double>(limit, std::ceil(v))); };
  for (std::int32_t y = from(tree.at.y - reach); y < to(tree.at.y + reach, canvas.height()); ++y) {
    for (std::int32_t x = from(tree.at.x - reach); x < to(tree.at.x + reach, canvas.width()); ++x) {
      const double dx = (x + 0.5 - tree.at.x) / tree.radius, dy = (y + 0.5 - tree.at.y) / tree.radius;
      const double clumps = rough_noise(seed, x / 4.5, y / 4.5, 2);
      const double edge = std::sqrt(dx * dx + dy * dy) + 0.55 * (clumps - 0.5);
      const double share = std::clamp((1.0 - edge) * tree.radius * 0.7, 0.0, 1.0);
      if (!(share > 0)) continue;
      const double lit = dx * sun.x + dy * sun.y;
      canvas.blend(x, y, tree.colour * (0.98 + 0.34 * lit + 0.75 * (clumps - 0.5)), share);
    }
  }
}

/// What a camera adds: a little softness, a little noise.
raster::Image through_a_lens(const raster::Image& sharp, std::uint64_t seed) {
  raster::Image out = sharp;
  const std::int32_t w = sharp.width, h = sharp.height;
  const auto at = [&](std::int32_t x, std::int32_t y) {
    return 3 * (static_cast<std::size_t>(std::clamp(y, 0, h - 1)) * static_cast<std::size_t>(w) + static_cast<std::size_t>(std::clamp(x, 0, w - 1)));
  };
  for (std::int32_t y = 0; y < h; ++y) {
    for (std::int32_t x = 0; x < w; ++x) {
      const std::size_t here = at(x, y), left = at(x - 1, y), right = at(x + 1, y), up = at(x, y - 1), down = at(x, y + 1);
      const auto noise_here = static_cast<int>(grain(seed, x, y) * 7) - 3;
      for (std::size_t c = 0; c < 3; ++c) {
        const std::uint8_t* p = sharp.pixels.data() + c;
        const int sum = 8 * p[here] + 2 * (p[left] + p[right] + p[up] + p[down]);
        out.pixels[here + c] = static_cast<std::uint8_t>(std::clamp((sum + 8) / 16 + noise_here, 0, 255));
      }
    }
  }
  return out;
}

}  // namespace

Town make_town(const TownOptions& options) {
  const Plan plan = make_plan(options.seed, options.columns * chip_pixels, options.rows * chip_pixels);
  draw::Canvas canvas(plan.width, plan.height);
  paint_ground(canvas, plan);
  paint_shadows(canvas, plan);
  for (const Car& car : plan.cars) paint_car(canvas, car);
  const double length = std::sqrt(plan.shadow.x * plan.shadow.x + plan.shadow.y * plan.shadow.y);
  const vector::Point sun{-plan.shadow.x / length, -plan.shadow.y / length};
  std::uint64_t number = 0;
  for (const Building& building : plan.buildings) paint_roof(canvas, plan, building, number++);
  for (const Tree& tree : plan.trees) paint_tree(canvas, tree, sun, plan.seed * 613 + number++);
  Town out;
  out.image = through_a_lens(canvas.image(), plan.seed * 53);
  for (const Building& building : plan.buildings) out.footprints.push_back(building.footprint);
  return out;
}

}  // namespace fair::demo
