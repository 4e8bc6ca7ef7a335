#include "core/geo/mosaic.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/geo/mercator.h"
#include "core/geo/tile.h"
#include "core/geo/transform.h"

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

/// The tile of the Web Mercator pyramid a picture covers, to a fiftieth of a pixel.
std::optional<Tile> tile_under(const Placement& picture) {
  const double* a = picture.transform.a;
  if (a[2] != 0 || a[4] != 0 || a[1] <= 0 || a[5] >= 0) return std::nullopt;
  const double world = picture.crs == Crs::wgs84 ? 360.0 : 2 * mercator_half;
  const double zoom = std::log2(world / (a[1] * picture.width));
  // Above, rows evenly spaced in degrees are not the rows of a tile.
  if (!(zoom > 13.9 && zoom < 24.1)) return std::nullopt;
  const Place middle = apply(picture.transform, picture.width / 2.0, picture.height / 2.0);
  const Tile tile = tile_at(lon_lat(picture.crs, middle), static_cast<std::int32_t>(std::lround(zoom)));
  const Bounds box = picture.crs == Crs::wgs84 ? bounds(tile) : mercator_bounds(tile);
  const Place end = apply(picture.transform, picture.width, picture.height);
  const auto near = [](double x, double y, double pixel) { return std::abs(x - y) <= 0.02 * std::abs(pixel); };
  const bool same = near(a[0], box.west, a[1]) && near(end.x, box.east, a[1]) && near(a[3], box.north, a[5]) && near(end.y, box.south, a[5]);
  return same ? std::optional(tile) : std::nullopt;
}

/// Pictures cut from tiles often carry their corners in degrees. Then each row of tiles has pixels of another height; in Web Mercator all are equal.
void take_as_tile(Placement& picture) {
  const auto tile = picture.crs == Crs::wgs84 ? tile_under(picture) : std::nullopt;
  if (!tile) return;
  const Bounds box = mercator_bounds(*tile);
  picture.crs = Crs::web_mercator;
  picture.transform = GeoTransform{{box.west, (box.east - box.west) / picture.width, 0, box.north, 0, (box.south - box.north) / picture.height}};
}

/// Makes the ids of features those that the same tiles fetched from a server would give.
void number_as_tiles(BlockGrid& grid) {
  const auto tile =
      grid.block_width == grid.block_height ? tile_under({grid.crs, grid.transform, grid.block_width, grid.block_height}) : std::nullopt;
  if (!tile || grid.crs != Crs::web_mercator) return;
  grid.zoom = tile->z;
  grid.origin_column = tile->x * grid.block_width;
  grid.origin_row = tile->y * grid.block_height;
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

std::vector<Mosaic> mosaics_of(std::vector<Placement> pictures) {
  for (Placement& picture : pictures) take_as_tile(picture);
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
  // Two mosaics may hold the same tile twice, and two features must not have one id.
  if (out.size() == 1) number_as_tiles(out.front().grid);
  return out;
}

}  // namespace fair::geo
