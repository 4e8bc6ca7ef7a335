#include "native/demo/roof.h"

#include <algorithm>
#include <cmath>

#include "native/demo/dice.h"
#include "native/demo/noise.h"
#include "native/demo/scale.h"
#include "native/demo/shapes.h"
#include "native/draw/coverage.h"

namespace fair::demo {
namespace {

using draw::Colour;

/// A wall seen from inside the house.
struct Wall {
  vector::Point from, along, inward;
  double length = 0;
  bool eaves = true;  ///< a slope comes down to it
};

std::vector<Wall> walls_of(const Building& building) {
  std::vector<Wall> out;
  for (const vector::Ring& ring : building.footprint) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const vector::Point &a = ring[i], &b = ring[(i + 1) % ring.size()];
      const double dx = b.x - a.x, dy = b.y - a.y, length = std::sqrt(dx * dx + dy * dy);
      Wall wall{a, {dx / length, dy / length}, {-dy / length, dx / length}, length, true};
      const double with_axis = wall.along.x * building.axis.x + wall.along.y * building.axis.y;
      if (building.roof == Roof::gable || building.roof == Roof::sheet) wall.eaves = with_axis * with_axis > 0.5;
      out.push_back(wall);
    }
  }
  return out;
}

struct Near {
  const Wall* wall = nullptr;
  double distance = 1e18;  ///< to the nearest wall that has eaves
  double second = 1e18;    ///< to the next one that faces elsewhere
  double edge = 1e18;      ///< to any wall
  double along = 0;
};

Near nearest(const std::vector<Wall>& walls, double x, double y) {
  Near out;
  for (const Wall& w : walls) {
    const double dx = x - w.from.x, dy = y - w.from.y;
    const double t = std::clamp(dx * w.along.x + dy * w.along.y, 0.0, w.length);
    const double ex = dx - t * w.along.x, ey = dy - t * w.along.y, distance = std::sqrt(ex * ex + ey * ey);
    out.edge = std::min(out.edge, distance);
    if (!w.eaves) continue;
    if (distance < out.distance) {
      if (out.wall != nullptr) out.second = out.distance;
      out.wall = &w, out.distance = distance, out.along = t;
    } else if (distance < out.second) {
      out.second = distance;
    }
  }
  return out;
}

class Painter {
 public:
  Painter(draw::Canvas& canvas, const Plan& plan, const Building& building, std::uint64_t number)
      : canvas_(canvas), plan_(plan), building_(building), number_(number), walls_(walls_of(building)), dice_(plan.seed, "roof", number) {
    const double length = std::sqrt(plan.shadow.x * plan.shadow.x + plan.shadow.y * plan.shadow.y);
    sun_ = {-plan.shadow.x / length, -plan.shadow.y / length};
    weathering_ = dice_.between(0.06, 0.2);
  }

  void paint() {
    draw::cover(building_.footprint, canvas_.width(), canvas_.height(),
                [this](std::int32_t x0, std::int32_t y, const double* share, std::int32_t count) {
                  for (std::int32_t i = 0; i < count; ++i) {
                    if (share[i] > 0) canvas_.blend(x0 + i, y, colour(x0 + i + 0.5, y + 0.5), share[i]);
                  }
                });
    if (building_.roof == Roof::flat) furniture();
  }

 private:
  [[nodiscard]] Colour colour(double x, double y) const {
    const Near near = nearest(walls_, x, y);
    const std::uint64_t seed = plan_.seed * 31 + number_;
    double light = 1 + weathering_ * (rough_noise(seed, x / 9, y / 9, 2) - 0.5) +
                   0.07 * (grain(seed, static_cast<std::int64_t>(x), static_cast<std::int64_t>(y)) - 0.5);
    if (building_.roof == Roof::flat) {
      const double across = near.wall->inward.x * sun_.x + near.wall->inward.y * sun_.y;
      if (near.edge < 1.3) return building_.colour * (light * 1.12);
      // The parapet on the sun's side throws a narrow shadow on the roof.
      if (near.edge < 2.9 && across < -0.3) light *= 0.72;
      return building_.colour * light;
    }
    const double facing = -(near.wall->inward.x * sun_.x + near.wall->inward.y * sun_.y);
    light *= 1 + (building_.roof == Roof::sheet ? 0.1 : 0.18) * facing;
    if (building_.roof == Roof::sheet) {
      const auto panel = static_cast<std::int64_t>(near.along / 3.2);
      light *= 0.95 + 0.12 * grain(seed + 7, panel, near.wall - walls_.data());
      if (near.along - static_cast<double>(panel) * 3.2 < 0.8) light *= 0.94;
    } else {
      const auto course = static_cast<std::int64_t>(near.distance / 1.6);
      light *= 0.975 + 0.05 * static_cast<double>(course & 1);
    }
    if (near.second - near.distance < 0.9) light *= 1.08;
    if (near.edge < 1.0) light *= 0.9;
    return building_.colour * light;
  }

  /// Tanks, stair heads and machines.
  void furniture() {
    double left = 1e18, right = -1e18, top = 1e18, bottom = -1e18;
    for (const vector::Point& p : building_.footprint.front()) {
      left = std::min(left, p.x), right = std::max(right, p.x), top = std::min(top, p.y), bottom = std::max(bottom, p.y);
    }
    const auto tries = static_cast<int>((right - left) * (bottom - top) / metres(7) / metres(7));
    for (int i = 0; i < tries; ++i) {
      const vector::Point at{dice_.between(left, right), dice_.between(top, bottom)};
      const double size = metres(dice_.between(0.8, 2.0)), depth = metres(dice_.between(0.8, 1.6)), tall = metres(dice_.between(0.7, 1.6));
      const Colour paint = Colour{190, 190, 188} * dice_.between(0.6, 1.2);
      if (!dice_.chance(0.6) || !inside(at) || nearest(walls_, at.x, at.y).edge < size + 2) continue;
      const vector::Polygon shape = placed(box(size, depth), at, building_.axis);
      canvas_.fill(placed(box(size, depth), {at.x + plan_.shadow.x * tall, at.y + plan_.shadow.y * tall}, building_.axis), {50, 50, 58}, 0.45);
      canvas_.fill(shape, paint);
    }
  }

  [[nodiscard]] bool inside(vector::Point at) const {
    bool in = false;
    for (const vector::Ring& ring : building_.footprint) {
      for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
        const vector::Point &a = ring[j], &b = ring[i];
        if ((a.y <= at.y) != (b.y <= at.y) && at.x < a.x + (b.x - a.x) * ((at.y - a.y) / (b.y - a.y))) in = !in;
      }
    }
    return in;
  }

  draw::Canvas& canvas_;
  const Plan& plan_;
  const Building& building_;
  std::uint64_t number_;
  std::vector<Wall> walls_;
  Dice dice_;
  vector::Point sun_;
  double weathering_ = 0;
};

}  // namespace

void paint_roof(draw::Canvas& canvas, const Plan& plan, const Building& building, std::uint64_t number) {
  Painter(canvas, plan, building, number).paint();
}

}  // namespace fair::demo
