#include "core/vector/orthogonalize.h"

#include <cmath>

#include "core/geo/dmath.h"
#include "core/vector/validity.h"

namespace fair::vector {
namespace {

/// A fitted side: points p with normal·p = offset. `axis` 0 runs along the main direction, 1 across it, -1 keeps its own.
struct Line {
  double nx, ny, offset, length;
  int axis;
};

/// Mean position of the trace between two of its corners, weighted by length, and that length.
struct Mean {
  double x = 0, y = 0, length = 0;
};
Mean mean_of(const Ring& trace, std::size_t from, std::size_t to) {
  Mean mean;
  const std::size_t n = trace.size();
  for (std::size_t i = from; i != to; i = (i + 1) % n) {
    const Point a = trace[i];
    const Point b = trace[(i + 1) % n];
    const double length = std::sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
    mean.x += 0.5 * (a.x + b.x) * length;
    mean.y += 0.5 * (a.y + b.y) * length;
    mean.length += length;
  }
  if (mean.length > 0) {
    mean.x /= mean.length;
    mean.y /= mean.length;
  }
  return mean;
}

/// Angle in (-pi/4, pi/4] from the nearest axis, and which axis that is.
std::pair<double, int> off_axis(double angle, double direction) {
  const double quarter = geo::pi / 2;
  const double turned = angle - direction;
  const double k = std::floor(turned / quarter + 0.5);
  return {turned - k * quarter, static_cast<int>(k - 2.0 * std::floor(k / 2.0))};
}

std::optional<Point> crossing(const Line& a, const Line& b) {
  const double determinant = a.nx * b.ny - a.ny * b.nx;
  if (std::fabs(determinant) < 0.1) return std::nullopt;  // nearly parallel: the corner would be anywhere
  return Point{(a.offset * b.ny - b.offset * a.ny) / determinant, (a.nx * b.offset - b.nx * a.offset) / determinant};
}

}  // namespace

double main_direction(const Ring& ring) {
  double c = 0;
  double s = 0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Point a = ring[i];
    const Point b = ring[(i + 1) % ring.size()];
    const double dx = b.x - a.x;
    const double dy = b.y - a.y;
    const double length2 = dx * dx + dy * dy;
    if (length2 <= 0) continue;
    // (dx + i dy)^4 turns every right angle into a whole turn; long sides count more than in proportion.
    const double re2 = dx * dx - dy * dy;
    const double im2 = 2 * dx * dy;
    c += (re2 * re2 - im2 * im2) / length2;
    s += 2 * re2 * im2 / length2;
  }
  const double angle = geo::datan2(s, c) / 4;
  return angle < 0 ? angle + geo::pi / 2 : angle;
}

std::optional<Ring> orthogonalize(const Ring& ring, const Ring& trace, const std::vector<std::size_t>& places, double direction,
                                  const OrthogonalizeOptions& options) {
  const std::size_t n = ring.size();
  const double limit = options.max_angle_change * geo::degree;
  std::vector<Line> lines;
  std::vector<std::size_t> starts;  // corner each line begins at
  std::vector<double> offs;
  for (std::size_t i = 0; i < n; ++i) {
    const Point a = ring[i];
    const Point b = ring[(i + 1) % n];
    offs.push_back(off_axis(geo::datan2(b.y - a.y, b.x - a.x), direction).first);
  }
  for (std::size_t i = 0; i < n; ++i) {
    const Point a = ring[i];
    const Point b = ring[(i + 1) % n];
    const int axis = off_axis(geo::datan2(b.y - a.y, b.x - a.x), direction).second;
    const double skew = std::fmin(std::fabs(offs[i] - offs[(i + 1) % n]), std::fabs(offs[i] - offs[(i + n - 1) % n]));
    const bool squares = std::fabs(offs[i]) <= limit && skew <= options.skew_tolerance * geo::degree;
    const Mean mean = mean_of(trace, places[i], places[(i + 1) % n]);
    const double length = std::sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
    if (length <= 0) return std::nullopt;
    Line line{0, 0, 0, length, squares ? axis : -1};
    if (line.axis >= 0) {
      const double along = direction + static_cast<double>(line.axis) * geo::pi / 2;
      line.nx = -geo::dsin(along);
      line.ny = geo::dcos(along);
      line.offset = line.nx * mean.x + line.ny * mean.y;
    } else {
      line.nx = -(b.y - a.y) / length;
      line.ny = (b.x - a.x) / length;
      line.offset = line.nx * a.x + line.ny * a.y;
    }
    lines.push_back(line);
    starts.push_back(i);
  }
  // Neighbouring sides of one axis become one side, fitted to both, where they are near enough; else the corner between them stays a step.
  for (std::size_t i = 0; i < lines.size() && lines.size() > 4;) {
    const std::size_t j = (i + 1) % lines.size();
    Line& a = lines[i];
    const Line& b = lines[j];
    if (a.axis < 0 || a.axis != b.axis) {
      ++i;
      continue;
    }
    const double b_offset = a.nx * b.nx + a.ny * b.ny > 0 ? b.offset : -b.offset;
    if (std::fabs(a.offset - b_offset) > options.max_shift) return std::nullopt;
    a.offset = (a.offset * a.length + b_offset * b.length) / (a.length + b.length);
    a.length += b.length;
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(j));
    starts.erase(starts.begin() + static_cast<std::ptrdiff_t>(j));
    if (j == 0) --i;
  }
  Ring squared;
  const std::size_t m = lines.size();
  for (std::size_t i = 0; i < m; ++i) {
    const auto corner = crossing(lines[(i + m - 1) % m], lines[i]);
    if (!corner) return std::nullopt;
    const Point was = ring[starts[i]];
    const double dx = corner->x - was.x;
    const double dy = corner->y - was.y;
    if (dx * dx + dy * dy > options.max_shift * options.max_shift) return std::nullopt;
    squared.push_back(*corner);
  }
  if (squared.size() < 4) return std::nullopt;
  const double before = twice_area(ring);
  const double after = twice_area(squared);
  if (before * after <= 0 || std::fabs(after - before) > 0.15 * std::fabs(before)) return std::nullopt;
  return squared;
}

}  // namespace fair::vector
