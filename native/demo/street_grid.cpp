#include "native/demo/street_grid.h"

#include <algorithm>
#include <cmath>

#include "core/geo/dmath.h"
#include "native/demo/scale.h"

namespace fair::demo {

StreetGrid::StreetGrid(std::uint64_t seed, double width, double height) : cx_(width / 2), cy_(height / 2) {
  Dice dice(seed, "streets");
  const double turn = dice.between(-0.6, 0.6);
  cos_ = geo::dcos(turn), sin_ = geo::dsin(turn);
  bend_u_ = metres(dice.between(8, 16)), bend_v_ = metres(dice.between(8, 16));
  wave_u_ = 2 * geo::pi / metres(dice.between(330, 480)), wave_v_ = 2 * geo::pi / metres(dice.between(330, 480));
  phase_u_ = dice.between(0, 2 * geo::pi), phase_v_ = dice.between(0, 2 * geo::pi);
  const double reach = 0.75 * (width + height) / 2 + metres(60);
  us_ = streets(dice, -reach, reach, metres(58), metres(98));
  vs_ = streets(dice, -reach, reach, metres(46), metres(78));
}

std::vector<StreetGrid::Street> StreetGrid::streets(Dice& dice, double from, double to, double least, double most) {
  std::vector<Street> out;
  int since_main = static_cast<int>(dice.below(4));
  double at = from;
  while (at < to) {
    const bool main = since_main >= 3 && dice.chance(0.6);
    since_main = main ? 0 : since_main + 1;
    out.push_back({at, metres(main ? dice.between(4.6, 5.6) : dice.between(2.3, 3.4)), main || dice.chance(0.72)});
    at += dice.between(least, most);
  }
  return out;
}

vector::Point StreetGrid::to_town(double u, double v) const {
  const double x = u + bend_u_ * geo::dsin(wave_u_ * v + phase_u_);
  const double y = v + bend_v_ * geo::dsin(wave_v_ * x + phase_v_);
  return {cx_ + cos_ * x - sin_ * y, cy_ + sin_ * x + cos_ * y};
}

vector::Point StreetGrid::to_streets(double px, double py) const {
  const double x = cos_ * (px - cx_) + sin_ * (py - cy_), y = -sin_ * (px - cx_) + cos_ * (py - cy_);
  const double v = y - bend_v_ * geo::dsin(wave_v_ * x + phase_v_);
  return {x - bend_u_ * geo::dsin(wave_u_ * v + phase_u_), v};
}

vector::Point StreetGrid::along(double u, double v) const {
  const vector::Point a = to_town(u - 1, v), b = to_town(u + 1, v);
  const double dx = b.x - a.x, dy = b.y - a.y, length = std::sqrt(dx * dx + dy * dy);
  return {dx / length, dy / length};
}

StreetGrid::Nearest StreetGrid::nearest(vector::Point uv) const {
  Nearest best;
  best.distance = 1e18;
  const auto look = [&best](const std::vector<Street>& streets, double at, double other) {
    const auto after = std::lower_bound(streets.begin(), streets.end(), at, [](const Street& s, double value) { return s.at < value; });
    for (auto s = after == streets.begin() ? after : after - 1; s != streets.end() && s <= after; ++s) {
      const double off = at < s->at ? s->at - at : at - s->at;
      if (off - s->half_width < best.distance) best = {off - s->half_width, off, other, s->paved, s->half_width > metres(4)};
    }
  };
  look(us_, uv.x, uv.y);
  look(vs_, uv.y, uv.x);
  return best;
}

std::vector<StreetGrid::Block> StreetGrid::blocks() const {
  std::vector<Block> out;
  for (std::size_t j = 0; j + 1 < vs_.size(); ++j) {
    for (std::size_t i = 0; i + 1 < us_.size(); ++i) {
      Block b;
      b.u0 = us_[i].at + us_[i].half_width, b.u1 = us_[i + 1].at - us_[i + 1].half_width;
      b.v0 = vs_[j].at + vs_[j].half_width, b.v1 = vs_[j + 1].at - vs_[j + 1].half_width;
      b.column = i, b.row = j;
      out.push_back(b);
    }
  }
  return out;
}

}  // namespace fair::demo
