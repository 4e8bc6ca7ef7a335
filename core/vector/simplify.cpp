#include "core/vector/simplify.h"

#include <algorithm>
#include <utility>

namespace fair::vector {
namespace {

bool before(const Corner& a, const Corner& b) { return a.y != b.y ? a.y < b.y : a.x < b.x; }

struct Arc {
  const std::vector<Corner>& ring;
  PixelSize pixel;
  std::size_t first;  ///< index of the arc's canonical first corner
  std::size_t count;  ///< corners, both ends included
  bool forwards;

  [[nodiscard]] std::size_t index(std::size_t k) const {
    const std::size_t n = ring.size();
    return forwards ? (first + k) % n : (first + n - k % n) % n;
  }
  [[nodiscard]] Point at(std::size_t k) const {
    const Corner& c = ring[index(k)];
    return {static_cast<double>(c.x) * pixel.across, static_cast<double>(c.y) * pixel.down};
  }
};

/// Squared metres from p to the segment a-b.
double distance2(Point p, Point a, Point b) {
  const double dx = b.x - a.x;
  const double dy = b.y - a.y;
  const double length2 = dx * dx + dy * dy;
  double t = length2 > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2 : 0;
  t = std::min(1.0, std::max(0.0, t));
  const double ex = a.x + t * dx - p.x;
  const double ey = a.y + t * dy - p.y;
  return ex * ex + ey * ey;
}

/// Douglas-Peucker over points 0 … count - 1: calls keep(k) for those between the ends that stay. `at(k)` gives a point in metres.
template <class At, class Keep>
void thin(std::size_t count, double tolerance2, const At& at, const Keep& keep) {
  std::vector<std::pair<std::size_t, std::size_t>> todo{{0, count - 1}};
  while (!todo.empty()) {
    const auto [from, to] = todo.back();
    todo.pop_back();
    double worst = tolerance2;
    std::size_t split = 0;
    const Point a = at(from);
    const Point b = at(to);
    for (std::size_t k = from + 1; k < to; ++k) {
      const double d = distance2(at(k), a, b);
      if (d > worst) {
        worst = d;
        split = k;
      }
    }
    if (split == 0) continue;
    keep(split);
    todo.emplace_back(from, split);
    todo.emplace_back(split, to);
  }
}

/// Walks the arc from ring[from] over `count` corners in the direction that both its sides agree on.
Arc canonical(const std::vector<Corner>& ring, PixelSize pixel, std::size_t from, std::size_t count) {
  const std::size_t n = ring.size();
  for (std::size_t k = 0; 2 * k < count; ++k) {
    const Corner& head = ring[(from + k) % n];
    const Corner& tail = ring[(from + count - 1 - k) % n];
    if (head.x == tail.x && head.y == tail.y) continue;
    if (before(head, tail)) break;
    return {ring, pixel, (from + count - 1) % n, count, false};
  }
  return {ring, pixel, from, count, true};
}

}  // namespace

std::vector<std::size_t> simplify(const std::vector<Corner>& ring, PixelSize pixel, double tolerance) {
  const std::size_t n = ring.size();
  std::vector<bool> keep(n, false);
  std::vector<std::size_t> fixed;
  for (std::size_t i = 0; i < n; ++i) {
    if (ring[i].junction) fixed.push_back(i);
  }
  if (fixed.size() < 2) {
    const std::size_t anchor =
        fixed.empty() ? static_cast<std::size_t>(std::min_element(ring.begin(), ring.end(), before) - ring.begin()) : fixed.front();
    std::size_t far = anchor;
    double best = -1;
    const Arc points{ring, pixel, 0, n, true};
    for (std::size_t i = 0; i < n; ++i) {
      const Point p = points.at(i);
      const Point q = points.at(anchor);
      const double d = (p.x - q.x) * (p.x - q.x) + (p.y - q.y) * (p.y - q.y);
      if (d > best || (d == best && before(ring[i], ring[far]))) {
        best = d;
        far = i;
      }
    }
    fixed = {std::min(anchor, far), std::max(anchor, far)};
  }
  for (std::size_t f = 0; f < fixed.size(); ++f) {
    keep[fixed[f]] = true;
    const std::size_t next = fixed[(f + 1) % fixed.size()];
    const std::size_t count = (next + n - fixed[f]) % n + 1;
    if (count <= 2) continue;
    const Arc arc = canonical(ring, pixel, fixed[f], count);
    thin(
        count, tolerance * tolerance, [&arc](std::size_t k) { return arc.at(k); }, [&](std::size_t k) { keep[arc.index(k)] = true; });
  }
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < n; ++i) {
    if (keep[i]) kept.push_back(i);
  }
  return kept;
}

std::vector<Point> simplify_line(const std::vector<Point>& line, PixelSize pixel, double tolerance) {
  if (line.size() < 3) return line;
  const auto at = [&](std::size_t k) { return Point{line[k].x * pixel.across, line[k].y * pixel.down}; };
  std::vector<bool> kept(line.size(), false);
  kept.front() = kept.back() = true;
  std::size_t turn = 0;
  if (line.front().x == line.back().x && line.front().y == line.back().y) {
    double best = 0;
    for (std::size_t k = 1; k + 1 < line.size(); ++k) {
      const double d = distance2(at(k), at(0), at(0));
      if (d > best) best = d, turn = k;
    }
    kept[turn] = true;
  }
  const auto part = [&](std::size_t from, std::size_t count) {
    thin(
        count, tolerance * tolerance, [&](std::size_t k) { return at(from + k); }, [&](std::size_t k) { kept[from + k] = true; });
  };
  if (turn != 0) part(0, turn + 1);
  part(turn, line.size() - turn);
  std::vector<Point> out;
  for (std::size_t k = 0; k < line.size(); ++k) {
    if (kept[k]) out.push_back(line[k]);
  }
  return out;
}

}  // namespace fair::vector
