#include "core/geo/geodesic.h"

#include <cmath>

#include "core/geo/dmath.h"

namespace fair::geo {
namespace {

constexpr double a = 6378137.0;
constexpr double f = 1.0 / 298.257223563;
constexpr double b = a * (1.0 - f);
constexpr double e2 = f * (2.0 - f);

/// Area between the equator and a latitude for one radian of longitude, m² (the authalic integral).
double under(double latitude) {
  const double e = std::sqrt(e2);
  const double s = dsin(latitude * degree);
  return b * b * 0.5 * (s / (1.0 - e2 * s * s) + dlog((1.0 + e * s) / (1.0 - e * s)) / (2.0 * e));
}

/// Mean of under() along a side, by five-point Gauss-Legendre.
double mean_under(double from, double to) {
  if (from == to) return under(from);
  constexpr double node[3] = {0.0, 0.53846931010568309104, 0.90617984593866399280};
  constexpr double weight[3] = {0.56888888888888888889, 0.47862867049936646804, 0.23692688505618908751};
  const double middle = 0.5 * (from + to);
  const double half = 0.5 * (to - from);
  double sum = weight[0] * under(middle);
  for (int i = 1; i < 3; ++i) sum += weight[i] * (under(middle + half * node[i]) + under(middle - half * node[i]));
  return 0.5 * sum;
}

}  // namespace

double ring_area(const std::vector<LonLat>& ring) {
  if (ring.size() < 3) return 0;
  const double base = under(ring.front().lat);  // taken off everywhere: small rings keep their digits
  double sum = 0;
  for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
    const double width = (ring[i].lon - ring[j].lon) * degree;
    if (width != 0) sum -= width * (mean_under(ring[j].lat, ring[i].lat) - base);
  }
  return sum;
}

DegreeSize degree_size(double latitude) {
  const double s = dsin(latitude * degree);
  const double w = std::sqrt(1.0 - e2 * s * s);
  return {a / w * dcos(latitude * degree) * degree, a * (1.0 - e2) / (w * w * w) * degree};
}

double distance(LonLat from, LonLat to) {
  const double reach = std::fmax(std::fabs(to.lon - from.lon), std::fabs(to.lat - from.lat));
  const int pieces = 1 + static_cast<int>(std::fmin(reach * 10.0, 4000.0));
  double sum = 0;
  for (int i = 0; i < pieces; ++i) {
    const double middle = (static_cast<double>(i) + 0.5) / static_cast<double>(pieces);
    const DegreeSize size = degree_size(from.lat + (to.lat - from.lat) * middle);
    const double x = (to.lon - from.lon) / pieces * size.lon;
    const double y = (to.lat - from.lat) / pieces * size.lat;
    sum += std::sqrt(x * x + y * y);
  }
  return sum;
}

}  // namespace fair::geo
