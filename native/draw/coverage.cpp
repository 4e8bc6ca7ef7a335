#include "native/draw/coverage.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace fair::draw {
namespace {

constexpr int kLines = 4;

/// Adds one scan line's stretch from x0 to x1 to the shares of its pixels.
void add_stretch(std::vector<double>& share, double x0, double x1) {
  const double end = static_cast<double>(share.size());
  x0 = std::clamp(x0, 0.0, end), x1 = std::clamp(x1, 0.0, end);
  if (x1 <= x0) return;
  const auto first = static_cast<std::size_t>(x0);
  const auto last = std::min(static_cast<std::size_t>(x1), share.size() - 1);
  if (first == last) {
    share[first] += (x1 - x0) / kLines;
    return;
  }
  share[first] += (static_cast<double>(first + 1) - x0) / kLines;
  for (std::size_t x = first + 1; x < last; ++x) share[x] += 1.0 / kLines;
  share[last] += (x1 - static_cast<double>(last)) / kLines;
}

}  // namespace

void cover(const vector::Polygon& polygon, std::int32_t width, std::int32_t height, const CoverRow& row) {
  double left = 1e18, right = -1e18, top = 1e18, bottom = -1e18;
  for (const vector::Ring& ring : polygon) {
    for (const vector::Point& p : ring) {
      left = std::min(left, p.x), right = std::max(right, p.x), top = std::min(top, p.y), bottom = std::max(bottom, p.y);
    }
  }
  if (!(left < width && right > 0 && top < height && bottom > 0)) return;
  const auto x0 = static_cast<std::int32_t>(std::max(0.0, std::floor(left))), y0 = static_cast<std::int32_t>(std::max(0.0, std::floor(top)));
  const auto x1 = static_cast<std::int32_t>(std::min<double>(width, std::ceil(right)));
  const auto y1 = static_cast<std::int32_t>(std::min<double>(height, std::ceil(bottom)));
  if (x0 >= x1) return;
  std::vector<double> share(static_cast<std::size_t>(x1 - x0)), crossings;
  for (std::int32_t y = y0; y < y1; ++y) {
    std::fill(share.begin(), share.end(), 0.0);
    for (int line = 0; line < kLines; ++line) {
      const double at = y + (line + 0.5) / kLines;
      crossings.clear();
      for (const vector::Ring& ring : polygon) {
        for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
          const vector::Point &a = ring[j], &b = ring[i];
          if ((a.y <= at) != (b.y <= at)) crossings.push_back(a.x + (b.x - a.x) * ((at - a.y) / (b.y - a.y)));
        }
      }
      std::sort(crossings.begin(), crossings.end());
      for (std::size_t k = 0; k + 1 < crossings.size(); k += 2) add_stretch(share, crossings[k] - x0, crossings[k + 1] - x0);
    }
    row(x0, y, share.data(), x1 - x0);
  }
}

}  // namespace fair::draw
