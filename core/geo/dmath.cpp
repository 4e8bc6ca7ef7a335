#include "core/geo/dmath.h"

#include <cmath>
#include <limits>

// Only +, -, *, / and sqrt, frexp, ldexp, floor are used: IEEE 754 fixes the result of each.
namespace fair::geo {
namespace {

/// Taylor series, exact enough below pi/4: the first term left out is under 1e-19.
double sin_near(double x) {
  const double s = x * x;
  double sum = 0;
  for (int n = 17; n >= 3; n -= 2) sum = -s / static_cast<double>(n * (n - 1)) * (1.0 + sum);
  return x + x * sum;
}
double cos_near(double x) {
  const double s = x * x;
  double sum = 0;
  for (int n = 18; n >= 2; n -= 2) sum = -s / static_cast<double>(n * (n - 1)) * (1.0 + sum);
  return 1.0 + sum;
}

/// Takes whole quarter turns off, pi/2 in three parts so that nothing is lost; gives how many, mod 4.
int reduce(double& x) {
  const double turns = std::floor(x * (2.0 / pi) + 0.5);
  x = ((x - turns * 1.5707963109016418) - turns * 1.5893254712295857e-08) - turns * 6.123233995736766e-17;
  const double quarter = turns - 4.0 * std::floor(turns / 4.0);
  return static_cast<int>(quarter);
}

}  // namespace

double dsin(double x) {
  switch (reduce(x)) {
    case 0: return sin_near(x);
    case 1: return cos_near(x);
    case 2: return -sin_near(x);
    default: return -cos_near(x);
  }
}

double dcos(double x) {
  switch (reduce(x)) {
    case 0: return cos_near(x);
    case 1: return -sin_near(x);
    case 2: return -cos_near(x);
    default: return sin_near(x);
  }
}

double datan(double x) {
  if (x < 0) return -datan(-x);
  if (x > 1) return pi / 2 - datan(1 / x);
  // Two halvings of the angle bring it under 0.2, where the series is short.
  double t = x;
  for (int i = 0; i < 2; ++i) t = t / (1.0 + std::sqrt(1.0 + t * t));
  const double s = t * t;
  double sum = 0;
  for (int n = 25; n >= 1; n -= 2) sum = 1.0 / static_cast<double>(n) - s * sum;
  return 4.0 * t * sum;
}

double datan2(double y, double x) {
  if (x > 0) return datan(y / x);
  if (x < 0) return y >= 0 ? datan(y / x) + pi : datan(y / x) - pi;
  return y > 0 ? pi / 2 : (y < 0 ? -pi / 2 : 0.0);
}

double dexp(double x) {
  if (x > 709.0) return std::numeric_limits<double>::infinity();
  if (x < -745.0) return 0.0;
  const double k = std::floor(x / 0.69314718055994530942 + 0.5);
  const double r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10;
  double sum = 1;
  for (int n = 15; n >= 1; --n) sum = 1.0 + r / static_cast<double>(n) * sum;
  return std::ldexp(sum, static_cast<int>(k));
}

double dlog(double x) {
  if (!(x > 0)) return std::numeric_limits<double>::quiet_NaN();
  int exponent = 0;
  double m = std::frexp(x, &exponent);
  if (m < 0.70710678118654752440) {
    m *= 2;
    --exponent;
  }
  const double t = (m - 1) / (m + 1);
  const double s = t * t;
  double sum = 0;
  for (int n = 25; n >= 1; n -= 2) sum = 1.0 / static_cast<double>(n) + s * sum;
  const double k = static_cast<double>(exponent);
  return k * 0.693147180369123816490 + (2.0 * t * sum + k * 1.90821492927058770002e-10);
}

}  // namespace fair::geo
