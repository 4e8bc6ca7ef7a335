#include "core/geo/mosaic.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace fair::geo {
namespace {

using Cell = std::pair<std::int64_t, std::int64_t>;  // row, column

/// How many pictures lie between two corners along one axis, when that is a whole number to a fiftieth of a pixel.
std::optional<std::int64_t> steps(double from, double to, double pixel, std::int32_t pixels) {
  const double pictures = (to - from) / (pixel * pixels);
  const double whole = std::round(pictures);
  if (std::abs(pictures - whole) * pixels > 0.02 || std::abs(whole) > 1e6) return std::nullopt;
  return static_cast<std::int64_t>(whole);
}

bool same_pixels(const Placement& a, const Placement& b) {
  const auto near = [](double x, double y) { return std::abs(x - y) <= 1e-6 * std::max(std::abs(x), std::abs(y)); };
  const double *s = a.transform.a, *t = b.transform.a;
  return a.crs == b.crs && a.width == b.width && a.height == b.height && near(s[1], t[1]) && near(s[5], t[5]) && s[2] == 0 && t[2] == 0 &&
         s[4] == 0 && t[4] == 0;
}

Mosaic mosaic(const Placement& anchor, const std::map<Cell, std::size_t>& cells, Cell least, Cell most) {
  Mosaic out;
  BlockGrid& grid = out.grid;
  grid.crs = anchor.crs;
  grid.transform = anchor.transform;
  grid.block_width = anchor.width, grid.block_height = anchor.height;
  if (cells.size() > 1) {
    grid.transform.a[0] += static_cast<double>(least.second * grid.block_width) * grid.transform.a[1];
    grid.transform.a[3] += static_cast<double>(least.first * grid.block_height) * grid.transform.a[5];
  }
  grid.rows = most.first - least.first + 1, grid.columns = most.second - least.second + 1;
  grid.present.assign(static_cast<std::size_t>(grid.rows * grid.columns), false);
  for (const auto& [cell, picture] : cells) {
    const Cell at{cell.first - least.first, cell.second - least.second};
    grid.present[static_cast<std::size_t>(at.first * grid.columns + at.second)] = true;
    out.cells.emplace(at, picture);
  }
  return out;
}

}  // namespace

std::vector<Mosaic> mosaics_of(const std::vector<Placement>& pictures) {
  std::vector<std::size_t> left(pictures.size());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
  std::vector<Mosaic> out;
  constexpr std::int64_t most_cells = 1 << 16;  // pictures strewn over a country are no mosaic
  while (!left.empty()) {
    const Placement& anchor = pictures[left.front()];
    std::map<Cell, std::size_t> cells{{{0, 0}, left.front()}};
    std::vector<std::size_t> rest;
    Cell least{0, 0}, most{0, 0};
    for (std::size_t k = 1; k < left.size(); ++k) {
      const Placement& other = pictures[left[k]];
      const double *a = anchor.transform.a, *b = other.transform.a;
      const auto column = same_pixels(anchor, other) ? steps(a[0], b[0], a[1], anchor.width) : std::nullopt;
      const auto row = column ? steps(a[3], b[3], a[5], anchor.height) : std::nullopt;
      const Cell at = row ? Cell{*row, *column} : Cell{0, 0};
      const Cell low{std::min(least.first, at.first), std::min(least.second, at.second)},
          high{std::max(most.first, at.first), std::max(most.second, at.second)};
      const bool near = (high.first - low.first + 1) * (high.second - low.second + 1) <= most_cells;
      if (row && near && cells.emplace(at, left[k]).second) {
        least = low, most = high;
      } else {
        rest.push_back(left[k]);
      }
    }
    out.push_back(mosaic(anchor, cells, least, most));
    left = std::move(rest);
  }
  return out;
}

}  // namespace fair::geo
