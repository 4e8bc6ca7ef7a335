#include "native/demo/plan.h"

#include <algorithm>
#include <cmath>

#include "core/geo/dmath.h"
#include "native/demo/scale.h"
#include "native/demo/shapes.h"
#include "native/demo/site.h"

namespace fair::demo {
namespace {

using draw::Colour;

constexpr Colour kTiles[] = {{186, 96, 68}, {168, 80, 58}, {150, 70, 56}, {196, 116, 84}, {134, 88, 70}, {120, 76, 64}, {158, 104, 76}};
constexpr Colour kSheets[] = {{206, 210, 214}, {184, 194, 208}, {96, 124, 168}, {164, 104, 74}, {214, 214, 208}, {108, 148, 124}, {152, 84, 68}};
constexpr Colour kFlats[] = {{212, 208, 200}, {198, 192, 184}, {190, 166, 142}, {170, 134, 112}, {222, 214, 196}, {204, 180, 158}, {158, 172, 192}};
constexpr Colour kLeaves[] = {{58, 78, 40}, {70, 88, 44}, {52, 70, 42}, {82, 94, 50}, {64, 76, 36}};
constexpr Colour kPaints[] = {{222, 222, 220}, {196, 198, 202}, {52, 54, 60}, {150, 44, 42}, {52, 76, 122}, {120, 122, 126}, {208, 190, 150}};

template <std::size_t n>
Colour pick(Dice& dice, const Colour (&colours)[n]) {
  return colours[dice.below(n)] * dice.between(0.9, 1.1);
}

/// Fills one block after the other.
class Planner {
 public:
  explicit Planner(Plan& plan) : plan_(plan), site_(plan.width, plan.height) {}

  void block(const StreetGrid::Block& b, Quarter quarter, std::uint64_t number) {
    Dice dice(plan_.seed, "block", number);
    switch (quarter) {
      case Quarter::houses: houses(b, dice); break;
      case Quarter::old_town: old_town(b, dice); break;
      case Quarter::huts: huts(b, dice); break;
      case Quarter::works: works(b, dice); break;
      case Quarter::park: scatter(b, dice, 150, 2.2, 4.6); break;
      case Quarter::field: scatter(b, dice, 900, 1.5, 3.0); break;
    }
  }

  void cars() {
    Dice dice(plan_.seed, "cars");
    for (const bool lengthwise : {false, true}) {
      const auto& streets = lengthwise ? plan_.streets.lengthwise() : plan_.streets.across();
      for (const StreetGrid::Street& s : streets) {
        if (!s.paved) continue;
        double at = -2.0 * plan_.width;
        while (at < 2.0 * plan_.width) {
          const double side = (dice.chance(0.5) ? 1 : -1) * std::max(metres(1.1), s.half_width - metres(dice.between(1.0, 1.3)));
          const double u = lengthwise ? at : s.at + side, v = lengthwise ? s.at + side : at;
          const vector::Point p = plan_.streets.to_town(u, v);
          const Colour paint = pick(dice, kPaints);
          if (p.x >= 0 && p.y >= 0 && p.x < plan_.width && p.y < plan_.height) {
            const vector::Point a = plan_.streets.along(u, v);
            plan_.cars.push_back({p, lengthwise ? a : vector::Point{-a.y, a.x}, paint});
          }
          at += metres(dice.between(9, 60));
        }
      }
    }
  }

 private:
  /// Stands the shape at (u, v) if there is room for it.
  bool build(Dice& dice, const vector::Polygon& shape, double u, double v, double sway, Roof roof, const Colour& colour, double height,
             double margin) {
    const vector::Point middle = plan_.streets.to_town(u, v), axis = turned(plan_.streets.along(u, v), dice.between(-sway, sway));
    vector::Polygon footprint = placed(shape, middle, axis);
    for (const vector::Point& p : footprint.front()) {
      if (plan_.streets.nearest(plan_.streets.to_streets(p.x, p.y)).distance < metres(0.8)) return false;
    }
    if (!site_.take(footprint, margin)) return false;
    const vector::Ring& r = shape.front();
    double width = 0, depth = 0;
    for (const vector::Point& p : r) width = std::max(width, std::abs(p.x)), depth = std::max(depth, std::abs(p.y));
    plan_.buildings.push_back({std::move(footprint), roof, colour, height, width >= depth ? axis : vector::Point{-axis.y, axis.x}});
    return true;
  }

  void tree(Dice& dice, double u, double v, double least, double most) {
    const vector::Point at = plan_.streets.to_town(u, v);
    const double radius = metres(dice.between(least, most));
    const Colour colour = pick(dice, kLeaves);
    if (plan_.streets.nearest({u, v}).distance < radius * 0.5 || !site_.is_free(at, radius + metres(0.3))) return;
    plan_.trees.push_back({at, radius, radius * dice.between(1.4, 2.4), colour});
  }

  void scatter(const StreetGrid::Block& b, Dice& dice, double square_metres_each, double least, double most) {
    const auto n = static_cast<int>((b.u1 - b.u0) * (b.v1 - b.v0) / metres(1) / metres(1) / square_metres_each);
    for (int i = 0; i < n; ++i) {
      const double u = dice.between(b.u0, b.u1), v = dice.between(b.v0, b.v1);
      tree(dice, u, v, least, most);
    }
  }

  void yard(double u0, double v0, double u1, double v1, Ground ground) {
    const StreetGrid& s = plan_.streets;
    plan_.yards.push_back({{{s.to_town(u0, v0), s.to_town(u1, v0), s.to_town(u1, v1), s.to_town(u0, v1)}}, ground});
  }

  void houses(const StreetGrid::Block& b, Dice& dice) {
    const double depth = (b.v1 - b.v0) / 2;
    for (const bool far : {false, true}) {
      double u = b.u0 + metres(1.5);
      while (u + metres(11) < b.u1) {
        const double lot = std::min(metres(dice.between(13, 22)), b.u1 - u - metres(1));
        const double front = far ? b.v1 : b.v0, inward = far ? -1 : 1;
        if (dice.chance(0.75)) {
          const Ground ground = dice.chance(0.5) ? Ground::grass : dice.chance(0.55) ? Ground::soil : Ground::paving;
          yard(u + metres(0.4), std::min(front, front + inward * depth), u + lot - metres(0.4), std::max(front, front + inward * depth), ground);
        }
        if (dice.chance(0.93)) {
          const double w = std::min(lot - metres(3), metres(dice.between(8.5, 15))), d = metres(dice.between(7.5, 12));
          const double set_back = metres(dice.between(2.5, 7)) + d / 2;
          const double kind = dice.share();
          const vector::Polygon shape = kind < 0.6    ? box(w, d)
                                        : kind < 0.85 ? ell(w, d * 1.2, w * dice.between(0.35, 0.55), d * dice.between(0.35, 0.6))
                                                      : horseshoe(w, d * 1.2, w * 0.32, d * dice.between(0.3, 0.5));
          const double of_roof = dice.share();
          const Roof roof = of_roof < 0.36   ? (kind < 0.6 ? Roof::gable : Roof::hip)
                            : of_roof < 0.6  ? Roof::hip
                            : of_roof < 0.85 ? Roof::flat
                                             : Roof::sheet;
          const Colour colour = roof == Roof::flat ? pick(dice, kFlats) : roof == Roof::sheet ? pick(dice, kSheets) : pick(dice, kTiles);
          build(dice, shape, u + lot / 2, front + inward * set_back, 0.06, roof, colour, metres(dice.between(3.5, 8)), metres(1.2));
          if (dice.chance(0.4)) {
            build(dice, box(metres(dice.between(3, 5)), metres(dice.between(3, 6))), u + metres(dice.between(3, 6)),
                  front + inward * (depth - metres(4)), 0.12, Roof::sheet, pick(dice, kSheets), metres(2.6), metres(0.8));
          }
        }
        for (int i = 0; i < 3; ++i) {
          if (dice.chance(0.6)) tree(dice, dice.between(u, u + lot), front + inward * dice.between(metres(1), depth), 1.4, 3.4);
        }
        u += lot;
      }
    }
  }

  void old_town(const StreetGrid::Block& b, Dice& dice) {
    yard(b.u0 + metres(1), b.v0 + metres(1), b.u1 - metres(1), b.v1 - metres(1), Ground::paving);
    for (const bool far : {false, true}) {
      double u = b.u0 + metres(2);
      while (u + metres(12) < b.u1) {
        const double lot = std::min(metres(dice.between(12, 30)), b.u1 - u - metres(1.5));
        const double d = std::min(metres(dice.between(13, 22)), (b.v1 - b.v0) / 2 - metres(2.5)), w = lot - metres(dice.between(0.9, 2.2));
        const double front = far ? b.v1 : b.v0, inward = far ? -1 : 1;
        const bool yarded = w > metres(17) && d > metres(14);
        const vector::Polygon shape = yarded              ? courtyard(w, d, std::min(metres(dice.between(4.6, 5.6)), std::min(w, d) * 0.36))
                                      : dice.chance(0.35) ? ell(w, d, w * 0.45, d * 0.45)
                                                          : box(w, d);
        const bool flat = dice.chance(0.55);
        build(dice, shape, u + lot / 2, front + inward * (metres(1.6) + d / 2), 0.0, flat ? Roof::flat : Roof::hip,
              flat ? pick(dice, kFlats) : pick(dice, kTiles), metres(dice.between(7, 14)), metres(0.35));
        u += lot;
      }
    }
    scatter(b, dice, 330, 1.3, 2.6);
  }

  void huts(const StreetGrid::Block& b, Dice& dice) {
    yard(b.u0, b.v0, b.u1, b.v1, Ground::soil);
    const auto tries = static_cast<int>((b.u1 - b.u0) * (b.v1 - b.v0) / metres(8) / metres(8));
    for (int i = 0; i < tries; ++i) {
      const double u = dice.between(b.u0, b.u1), v = dice.between(b.v0, b.v1);
      const double w = metres(dice.between(4.5, 9.5)), d = metres(dice.between(4, 6.5));
      build(dice, box(w, d), u, v, 0.7, dice.chance(0.8) ? Roof::sheet : Roof::gable, pick(dice, kSheets), metres(dice.between(2.6, 3.6)),
            metres(0.9));
    }
    scatter(b, dice, 330, 1.3, 2.8);
  }

  void works(const StreetGrid::Block& b, Dice& dice) {
    yard(b.u0 + metres(1), b.v0 + metres(1), b.u1 - metres(1), b.v1 - metres(1), dice.chance(0.7) ? Ground::paving : Ground::soil);
    double u = b.u0 + metres(4);
    while (u + metres(16) < b.u1) {
      const double lot = std::min(metres(dice.between(20, 34)), b.u1 - u - metres(2));
      const double d = (b.v1 - b.v0) * dice.between(0.36, 0.56), w = lot - metres(dice.between(5, 9));
      const bool sheet = dice.chance(0.6);
      build(dice, dice.chance(0.3) ? ell(w, d, w * 0.4, d * 0.4) : box(w, d), u + lot / 2, b.v0 + metres(5) + d / 2, 0.02,
            sheet ? Roof::sheet : Roof::flat, sheet ? pick(dice, kSheets) : pick(dice, kFlats), metres(dice.between(6, 11)), metres(1.5));
      double at = u + metres(2);
      while (at < u + lot - metres(2)) {
        if (dice.chance(0.4)) {
          const double v = b.v1 - metres(5);
          const vector::Point p = plan_.streets.to_town(at, v), a = plan_.streets.along(at, v);
          const Colour paint = pick(dice, kPaints);
          if (site_.is_free(p, metres(2.4))) plan_.cars.push_back({p, {-a.y, a.x}, paint});
        }
        at += metres(3.1);
      }
      u += lot;
    }
    scatter(b, dice, 900, 1.5, 2.6);
  }

  Plan& plan_;
  Site site_;
};

/// The middle is old, the rim is open; a town of a few chips has some of everything.
Quarter quarter_of(Dice& dice, double from_middle) {
  const double roll = dice.share();
  if (from_middle < 0.2) return roll < 0.8 ? Quarter::old_town : Quarter::park;
  if (from_middle > 0.78 && roll < 0.38) return Quarter::field;
  const double second = dice.share();
  return second < 0.58   ? Quarter::houses
         : second < 0.73 ? Quarter::huts
         : second < 0.88 ? Quarter::works
         : second < 0.93 ? Quarter::old_town
                         : Quarter::park;
}

}  // namespace

Plan make_plan(std::uint64_t seed, std::int32_t width, std::int32_t height) {
  Plan plan{width, height, seed, StreetGrid(seed, width, height), {}, {}, {}, {}, {}, {}};
  Dice dice(seed, "town");
  const double azimuth = dice.between(0.15, 1.1), length = dice.between(0.6, 0.95);
  plan.shadow = {length * geo::dcos(azimuth), -length * geo::dsin(azimuth)};
  Planner planner(plan);
  std::uint64_t number = 0;
  for (const StreetGrid::Block& b : plan.streets.blocks()) {
    const vector::Point middle = plan.streets.to_town((b.u0 + b.u1) / 2, (b.v0 + b.v1) / 2);
    const double dx = (middle.x - width / 2.0) / (width / 2.0), dy = (middle.y - height / 2.0) / (height / 2.0);
    plan.quarters.push_back(quarter_of(dice, std::sqrt(dx * dx + dy * dy)));
    planner.block(b, plan.quarters.back(), number++);
  }
  planner.cars();
  return plan;
}

}  // namespace fair::demo
