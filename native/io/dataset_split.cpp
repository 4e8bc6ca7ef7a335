#include "native/io/dataset_split.h"

#include <algorithm>
#include <cmath>

#include "native/io/chips.h"

namespace fair::io {

std::vector<Part> split_parts(const std::vector<SplitChip>& chips, const SplitOptions& options) {
  std::vector<Part> parts(chips.size(), Part::train);
  std::vector<std::size_t> free;
  for (std::size_t i = 0; i < chips.size(); ++i) {
    if (!options.holdout.empty() && matches(options.holdout, chips[i].name)) parts[i] = Part::holdout;
    else free.push_back(i);
  }
  if (free.size() < 2) return parts;
  double west = 180, east = -180, south = 90, north = -90;
  for (const std::size_t i : free) {
    west = std::min(west, chips[i].middle.lon), east = std::max(east, chips[i].middle.lon);
    south = std::min(south, chips[i].middle.lat), north = std::max(north, chips[i].middle.lat);
  }
  const bool by_lon = (east - west) > (north - south);
  const double sign = (options.seed & 1U) != 0 ? -1.0 : 1.0;
  std::stable_sort(free.begin(), free.end(), [&](std::size_t i, std::size_t j) {
    const geo::LonLat &a = chips[i].middle, &b = chips[j].middle;
    const double p = by_lon ? a.lon : a.lat;
    const double q = by_lon ? b.lon : b.lat;
    if (std::fabs(p - q) > 1e-9) return sign * p < sign * q;
    return by_lon ? a.lat < b.lat : a.lon < b.lon;
  });
  const auto wanted = static_cast<std::size_t>(std::lround(options.val_ratio * static_cast<double>(free.size())));
  const std::size_t count = std::clamp<std::size_t>(wanted, 1, free.size() - 1);
  for (std::size_t i = 0; i < count; ++i) parts[free[i]] = Part::val;
  return parts;
}

}  // namespace fair::io
