#include "native/demo/ground.h"

#include <algorithm>
#include <cmath>

#include "native/demo/noise.h"
#include "native/demo/scale.h"
#include "native/draw/coverage.h"

namespace fair::demo {
namespace {

using draw::Colour;
using draw::mix;

double smooth_step(double from, double to, double value) {
  const double t = std::clamp((value - from) / (to - from), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

/// Surfaces as functions of the place. Noise is read once a pixel and shared by all of them.
class Surfaces {
 public:
  explicit Surfaces(std::uint64_t seed) : seed_(seed) {}

  void at(double x, double y) {
    x_ = x, y_ = y;
    coarse_ = rough_noise(seed_ + 1, x / 190, y / 190, 2);
    patches_ = rough_noise(seed_ + 2, x / 34, y / 34, 3);
    fine_ = rough_noise(seed_ + 3, x / 3.1, y / 3.1, 2);
    grain_ = grain(seed_ + 4, static_cast<std::int64_t>(x), static_cast<std::int64_t>(y));
  }

  [[nodiscard]] Colour grass(double greener = 0) const {
    const Colour dry{142, 136, 92}, fresh{94, 112, 60};
    const Colour base = mix(dry, fresh, std::clamp(0.25 + 0.9 * (patches_ - 0.25) + 0.4 * (coarse_ - 0.5) + greener, 0.0, 1.0));
    return mix(base, soil(), 0.75 * smooth_step(0.62, 0.74, patches_ * 0.7 + fine_ * 0.3 - greener)) * (0.84 + 0.26 * fine_ + 0.06 * grain_);
  }
  [[nodiscard]] Colour soil() const { return mix(Colour{164, 138, 104}, Colour{190, 166, 132}, patches_) * (0.9 + 0.12 * fine_ + 0.07 * grain_); }
  [[nodiscard]] Colour paving() const {
    return mix(Colour{142, 136, 126}, Colour{166, 159, 148}, 0.6 * coarse_ + 0.4 * patches_) * (0.93 + 0.08 * fine_ + 0.05 * grain_);
  }
  [[nodiscard]] Colour asphalt() const { return mix(Colour{92, 93, 96}, Colour{112, 111, 110}, patches_) * (0.94 + 0.07 * fine_ + 0.05 * grain_); }

  /// Crops in rows along u; one kind to each strip of ground.
  [[nodiscard]] Colour crops(const vector::Point& uv, std::uint64_t block) const {
    const double strip_width = metres(15);
    const auto strip = static_cast<std::int64_t>(std::floor(uv.x / strip_width));
    const double kind = grain(seed_ + 5, static_cast<std::int64_t>(block), strip);
    const Colour crop = kind < 0.3    ? Colour{104, 122, 58}
                        : kind < 0.55 ? Colour{132, 138, 72}
                        : kind < 0.75 ? Colour{176, 158, 100}
                                      : Colour{150, 122, 90};
    const double in_row = uv.x / metres(1.5) - std::floor(uv.x / metres(1.5));
    const double furrow = std::abs(in_row - 0.5) * 2;
    const double edge = std::abs(uv.x / strip_width - std::floor(uv.x / strip_width) - 0.5) * 2;
    const Colour rows = crop * (0.86 + 0.14 * furrow + 0.12 * fine_ + 0.12 * (patches_ - 0.5));
    return mix(rows, grass(0.2), smooth_step(0.93, 0.98, edge));
  }

  [[nodiscard]] double light() const { return 0.93 + 0.14 * coarse_; }
  [[nodiscard]] double patches() const { return patches_; }
  [[nodiscard]] double fine() const { return fine_; }

 private:
  std::uint64_t seed_;
  double x_ = 0, y_ = 0, coarse_ = 0, patches_ = 0, fine_ = 0, grain_ = 0;
};

Colour street_colour(const Surfaces& s, const StreetGrid::Nearest& street) {
  if (!street.paved) {
    const double track = std::abs(street.off_centre - metres(0.9));
    return mix(s.soil() * 1.04, s.grass(), 0.35 * smooth_step(0.5, 0.75, s.patches()) * smooth_step(metres(0.3), metres(0.7), track));
  }
  Colour c = s.asphalt();
  if (street.main) {
    const double dash = street.along / metres(6) - std::floor(street.along / metres(6));
    if (dash < 0.5) c = mix(c, {214, 212, 204}, 0.8 * smooth_step(metres(0.32), metres(0.12), street.off_centre));
  }
  return c;
}

/// Where the block that holds (u, v) stands in blocks(), or -1 on a street or outside.
class BlockFinder {
 public:
  explicit BlockFinder(const StreetGrid& streets) : streets_(streets) {}
  [[nodiscard]] std::int64_t find(vector::Point uv) const {
    const std::int64_t i = before(streets_.across(), uv.x), j = before(streets_.lengthwise(), uv.y);
    const auto columns = static_cast<std::int64_t>(streets_.across().size()) - 1, rows = static_cast<std::int64_t>(streets_.lengthwise().size()) - 1;
    return i < 0 || j < 0 || i >= columns || j >= rows ? -1 : j * columns + i;
  }

 private:
  static std::int64_t before(const std::vector<StreetGrid::Street>& streets, double at) {
    return std::upper_bound(streets.begin(), streets.end(), at, [](double value, const StreetGrid::Street& s) { return value < s.at; }) -
           streets.begin() - 1;
  }
  const StreetGrid& streets_;
};

}  // namespace

void paint_ground(draw::Canvas& canvas, const Plan& plan) {
  Surfaces s(plan.seed * 977);
  const BlockFinder finder(plan.streets);
  for (std::int32_t y = 0; y < canvas.height(); ++y) {
    for (std::int32_t x = 0; x < canvas.width(); ++x) {
      const vector::Point uv = plan.streets.to_streets(x + 0.5, y + 0.5);
      const StreetGrid::Nearest street = plan.streets.nearest(uv);
      const std::int64_t block = finder.find(uv);
      const Quarter quarter = block < 0 ? Quarter::field : plan.quarters[static_cast<std::size_t>(block)];
      s.at(x, y);
      Colour c = quarter == Quarter::field  ? s.crops(uv, static_cast<std::uint64_t>(block + 1))
                 : quarter == Quarter::park ? s.grass(0.35)
                                            : s.grass();
      // Unpaved streets fray at their edges; paved ones have a kerb and a pavement in the denser quarters.
      const double wobble = street.paved ? 0 : metres(1.6) * (s.patches() - 0.5);
      const bool kerb = street.paved && quarter != Quarter::field;
      if (kerb) c = mix(c, s.paving() * 1.05, smooth_step(metres(1.5), metres(1.3), street.distance));
      c = mix(c, street_colour(s, street), smooth_step(metres(0.25), -metres(0.1), street.distance + wobble));
      canvas.set(x, y, c * s.light());
    }
  }
  for (const Yard& yard : plan.yards) {
    draw::cover(yard.outline, canvas.width(), canvas.height(), [&](std::int32_t x0, std::int32_t y, const double* share, std::int32_t count) {
      for (std::int32_t i = 0; i < count; ++i) {
        if (!(share[i] > 0)) continue;
        s.at(x0 + i, y);
        const Colour c = yard.ground == Ground::grass ? s.grass(0.12) : yard.ground == Ground::soil ? s.soil() : s.paving();
        canvas.blend(x0 + i, y, c * s.light(), share[i] * (yard.ground == Ground::paving ? 0.95 : 0.7));
      }
    });
  }
}

}  // namespace fair::demo
