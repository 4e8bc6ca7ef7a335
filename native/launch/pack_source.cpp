#include "native/launch/pack_source.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

namespace fair::launch {
namespace {

/// Chips that are cells of one grid.
class ChipMosaic final : public infer::BlockSource {
 public:
  ChipMosaic(std::shared_ptr<io::DatasetPack> pack, geo::BlockGrid grid, std::map<std::pair<std::int64_t, std::int64_t>, const io::PackedChip*> cells)
      : pack_(std::move(pack)), grid_(std::move(grid)), cells_(std::move(cells)) {}

  [[nodiscard]] const geo::BlockGrid& grid() const override { return grid_; }
  [[nodiscard]] Result<std::optional<raster::Image>> fetch(pipeline::Block block) override {
    const auto found = cells_.find({block.row, block.column});
    if (found == cells_.end()) return std::optional<raster::Image>();
    const io::PackedChip& chip = *found->second;
    raster::Image image{chip.width, chip.height, chip.channels, {}, {}};
    image.pixels.assign(chip.pixels, chip.pixels + static_cast<std::size_t>(chip.width) * static_cast<std::size_t>(chip.height) *
                                                       static_cast<std::size_t>(chip.channels));
    return std::optional(std::move(image));
  }
  [[nodiscard]] std::string name() const override {
    return cells_.size() == 1 ? cells_.begin()->second->name : std::to_string(cells_.size()) + " chips";
  }

 private:
  std::shared_ptr<io::DatasetPack> pack_;
  geo::BlockGrid grid_;
  std::map<std::pair<std::int64_t, std::int64_t>, const io::PackedChip*> cells_;  // by (row, column)
};

struct PlacedChip {
  const io::PackedChip* chip;
  ChipPlace place;
};

/// How many chips lie between two chips' corners along one axis, when that is a whole number.
std::optional<std::int64_t> steps(double from, double to, double pixel, std::int32_t pixels) {
  const double chips = (to - from) / (pixel * pixels);
  const double whole = std::round(chips);
  if (std::abs(chips - whole) * pixels > 0.02 || std::abs(whole) > 1e6) return std::nullopt;
  return static_cast<std::int64_t>(whole);
}

bool same_pixels(const PlacedChip& a, const PlacedChip& b) {
  const auto near = [](double x, double y) { return std::abs(x - y) <= 1e-6 * std::max(std::abs(x), std::abs(y)); };
  const double *s = a.place.transform.a, *t = b.place.transform.a;
  return a.place.crs == b.place.crs && a.chip->width == b.chip->width && a.chip->height == b.chip->height && a.chip->channels == b.chip->channels &&
         near(s[1], t[1]) && near(s[5], t[5]) && s[2] == 0 && t[2] == 0 && s[4] == 0 && t[4] == 0;
}

using Cell = std::pair<std::int64_t, std::int64_t>;  // row, column

std::unique_ptr<infer::BlockSource> mosaic(const std::shared_ptr<io::DatasetPack>& pack, const PlacedChip& anchor,
                                           std::map<Cell, const io::PackedChip*> cells) {
  Cell least = cells.begin()->first, most = least;
  for (const auto& [cell, chip] : cells) {
    least = {std::min(least.first, cell.first), std::min(least.second, cell.second)};
    most = {std::max(most.first, cell.first), std::max(most.second, cell.second)};
  }
  geo::BlockGrid grid;
  grid.crs = anchor.place.crs;
  grid.transform = anchor.place.transform;
  grid.block_width = anchor.chip->width, grid.block_height = anchor.chip->height;
  grid.transform.a[0] += static_cast<double>(least.second * grid.block_width) * grid.transform.a[1];
  grid.transform.a[3] += static_cast<double>(least.first * grid.block_height) * grid.transform.a[5];
  grid.rows = most.first - least.first + 1, grid.columns = most.second - least.second + 1;
  grid.present.assign(static_cast<std::size_t>(grid.rows * grid.columns), false);
  std::map<Cell, const io::PackedChip*> moved;
  for (const auto& [cell, chip] : cells) {
    const Cell at{cell.first - least.first, cell.second - least.second};
    grid.present[static_cast<std::size_t>(at.first * grid.columns + at.second)] = true;
    moved.emplace(at, chip);
  }
  return std::make_unique<ChipMosaic>(pack, std::move(grid), std::move(moved));
}

}  // namespace

Result<ChipPlace> place_of(const io::PackedChip& chip) {
  const Json& labels = chip.labels;
  const auto transform = labels.is_object() ? labels.find("transform") : labels.end();
  const auto crs = labels.is_object() ? labels.find("crs") : labels.end();
  const bool numbers = labels.is_object() && transform != labels.end() && transform->is_array() && transform->size() == 6 &&
                       std::all_of(transform->begin(), transform->end(), [](const Json& n) { return n.is_number(); });
  const bool known = numbers && crs != labels.end() && (*crs == "EPSG:4326" || *crs == "EPSG:3857");
  if (!known) {
    return fail(Code::invalid, "chip " + chip.name, "a georeference (transform of six numbers, crs EPSG:4326 or EPSG:3857)",
                labels.is_null() ? "none" : labels.dump().substr(0, 120), "make the dataset from georeferenced chips");
  }
  ChipPlace out;
  out.crs = *crs == "EPSG:4326" ? geo::Crs::wgs84 : geo::Crs::web_mercator;
  for (std::size_t i = 0; i < 6; ++i) out.transform.a[i] = (*transform)[i].get<double>();
  return out;
}

Result<std::vector<std::unique_ptr<infer::BlockSource>>> sources_of(const std::shared_ptr<io::DatasetPack>& pack, io::Part part) {
  std::vector<PlacedChip> left;
  for (const io::PackedChip& chip : pack->chips()) {
    if (chip.part != part) continue;
    FAIR_TRY_ASSIGN(const ChipPlace place, place_of(chip));
    left.push_back({&chip, place});
  }
  std::vector<std::unique_ptr<infer::BlockSource>> out;
  constexpr std::int64_t most_cells = 1 << 16;  // chips strewn over a country are no mosaic
  while (!left.empty()) {
    const PlacedChip anchor = left.front();
    std::map<Cell, const io::PackedChip*> cells{{{0, 0}, anchor.chip}};
    std::vector<PlacedChip> rest;
    Cell least{0, 0}, most{0, 0};
    for (const PlacedChip& other : left) {
      if (other.chip == anchor.chip) continue;
      const double *a = anchor.place.transform.a, *b = other.place.transform.a;
      const auto column = same_pixels(anchor, other) ? steps(a[0], b[0], a[1], anchor.chip->width) : std::nullopt;
      const auto row = column ? steps(a[3], b[3], a[5], anchor.chip->height) : std::nullopt;
      const Cell at = row ? Cell{*row, *column} : Cell{0, 0};
      const Cell low{std::min(least.first, at.first), std::min(least.second, at.second)},
          high{std::max(most.first, at.first), std::max(most.second, at.second)};
      const bool near = (high.first - low.first + 1) * (high.second - low.second + 1) <= most_cells;
      if (row && near && cells.emplace(at, other.chip).second) {
        least = low, most = high;
      } else {
        rest.push_back(other);
      }
    }
    out.push_back(mosaic(pack, anchor, std::move(cells)));
    left = std::move(rest);
  }
  return out;
}

}  // namespace fair::launch
