// Transcendental functions whose results are the same bits everywhere: libm's differ by units in the last place between C libraries.
#pragma once

namespace fair::geo {

inline constexpr double pi = 3.14159265358979323846;
inline constexpr double degree = pi / 180.0;

/// Within a few units in the last place for |x| up to some thousands of turns.
[[nodiscard]] double dsin(double x);
[[nodiscard]] double dcos(double x);
[[nodiscard]] double datan(double x);
[[nodiscard]] double datan2(double y, double x);
[[nodiscard]] double dexp(double x);
/// Natural logarithm of a positive number; NaN otherwise.
[[nodiscard]] double dlog(double x);

}  // namespace fair::geo
