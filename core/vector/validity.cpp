#include "core/vector/validity.h"

#include <algorithm>

namespace fair::vector {
namespace {

double turn(Point a, Point b, Point c) { return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x); }
bool same(Point a, Point b) { return a.x == b.x && a.y == b.y; }
bool within(Point p, Point a, Point b) {
  return std::min(a.x, b.x) <= p.x && p.x <= std::max(a.x, b.x) && std::min(a.y, b.y) <= p.y && p.y <= std::max(a.y, b.y);
}

struct Side {
  Point a, b;
  std::size_t ring, index, count;
};

/// Sides conflict when they meet anywhere but in corners they may share.
bool conflict(const Side& s, const Side& t) {
  const double d1 = turn(s.a, s.b, t.a);
  const double d2 = turn(s.a, s.b, t.b);
  const double d3 = turn(t.a, t.b, s.a);
  const double d4 = turn(t.a, t.b, s.b);
  if (((d1 > 0) != (d2 > 0)) && d1 != 0 && d2 != 0 && ((d3 > 0) != (d4 > 0)) && d3 != 0 && d4 != 0) return true;
  const bool one_ring = s.ring == t.ring;
  const bool neighbours = one_ring && ((s.index + 1) % s.count == t.index || (t.index + 1) % t.count == s.index);
  if (neighbours) {
    const bool t_follows = (s.index + 1) % s.count == t.index;
    const Point shared = t_follows ? s.b : s.a;
    const Point mine = t_follows ? s.a : s.b;
    const Point other = t_follows ? t.b : t.a;
    // A spike: both sides leave the shared corner the same way.
    return turn(shared, mine, other) == 0 && (mine.x - shared.x) * (other.x - shared.x) + (mine.y - shared.y) * (other.y - shared.y) > 0;
  }
  const auto touches = [](double d, Point p, Point a, Point b) { return d == 0 && within(p, a, b); };
  const Point corners[2] = {t.a, t.b};
  const double turns[2] = {d1, d2};
  for (int k = 0; k < 2; ++k) {
    if (!touches(turns[k], corners[k], s.a, s.b)) continue;
    if (one_ring || !(same(corners[k], s.a) || same(corners[k], s.b))) return true;
  }
  return touches(d3, s.a, t.a, t.b) && !(same(s.a, t.a) || same(s.a, t.b)) ? true : touches(d4, s.b, t.a, t.b) && !(same(s.b, t.a) || same(s.b, t.b));
}

std::vector<Side> sides_of(const Polygon& polygon) {
  std::vector<Side> sides;
  for (std::size_t r = 0; r < polygon.size(); ++r) {
    for (std::size_t i = 0; i < polygon[r].size(); ++i)
      sides.push_back({polygon[r][i], polygon[r][(i + 1) % polygon[r].size()], r, i, polygon[r].size()});
  }
  std::sort(sides.begin(), sides.end(), [](const Side& s, const Side& t) { return std::min(s.a.x, s.b.x) < std::min(t.a.x, t.b.x); });
  return sides;
}

}  // namespace

Box box_of(const Ring& ring) {
  Box box{ring[0].x, ring[0].y, ring[0].x, ring[0].y};
  for (const Point& p : ring) box = {std::min(box.x0, p.x), std::min(box.y0, p.y), std::max(box.x1, p.x), std::max(box.y1, p.y)};
  return box;
}

bool meet(const Box& a, const Box& b) { return a.x0 <= b.x1 && b.x0 <= a.x1 && a.y0 <= b.y1 && b.y0 <= a.y1; }

double twice_area(const Ring& ring) {
  double sum = 0;
  for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
    sum += (ring[j].x - ring[0].x) * (ring[i].y - ring[0].y) - (ring[i].x - ring[0].x) * (ring[j].y - ring[0].y);
  }
  return sum;
}

bool contains(const Ring& ring, Point p) {
  bool inside = false;
  for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
    if ((ring[i].y > p.y) != (ring[j].y > p.y) && p.x < ring[j].x + (ring[i].x - ring[j].x) * (p.y - ring[j].y) / (ring[i].y - ring[j].y))
      inside = !inside;
  }
  return inside;
}

bool is_valid(const Polygon& polygon) {
  if (polygon.empty()) return false;
  for (const Ring& ring : polygon) {
    if (ring.size() < 3 || twice_area(ring) == 0) return false;
  }
  const std::vector<Side> sides = sides_of(polygon);
  for (std::size_t i = 0; i < sides.size(); ++i) {
    const double reach = std::max(sides[i].a.x, sides[i].b.x);
    const double low = std::min(sides[i].a.y, sides[i].b.y);
    const double high = std::max(sides[i].a.y, sides[i].b.y);
    for (std::size_t j = i + 1; j < sides.size() && std::min(sides[j].a.x, sides[j].b.x) <= reach; ++j) {
      if (std::min(sides[j].a.y, sides[j].b.y) > high || std::max(sides[j].a.y, sides[j].b.y) < low) continue;
      if (conflict(sides[i], sides[j])) return false;
    }
  }
  for (std::size_t h = 1; h < polygon.size(); ++h) {
    // Rings do not cross, so one corner that is not shared tells where the whole hole lies.
    const auto inside = std::find_if(polygon[h].begin(), polygon[h].end(), [&](Point p) {
      return std::none_of(polygon[0].begin(), polygon[0].end(), [&](Point q) { return same(p, q); });
    });
    if (inside == polygon[h].end() || !contains(polygon[0], *inside)) return false;
  }
  return true;
}

bool overlap(const Ring& a, const Ring& b) {
  if (!meet(box_of(a), box_of(b))) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Point a0 = a[i];
    const Point a1 = a[(i + 1) % a.size()];
    for (std::size_t j = 0; j < b.size(); ++j) {
      const Point b0 = b[j];
      const Point b1 = b[(j + 1) % b.size()];
      const double d1 = turn(a0, a1, b0);
      const double d2 = turn(a0, a1, b1);
      const double d3 = turn(b0, b1, a0);
      const double d4 = turn(b0, b1, a1);
      if (((d1 > 0 && d2 < 0) || (d1 < 0 && d2 > 0)) && ((d3 > 0 && d4 < 0) || (d3 < 0 && d4 > 0))) return true;
    }
  }
  return contains(a, b[0]) || contains(b, a[0]);
}

}  // namespace fair::vector
