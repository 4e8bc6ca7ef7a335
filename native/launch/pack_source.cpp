#include "native/launch/pack_source.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/geo/mosaic.h"

namespace fair::launch {
namespace {

/// Chips that are cells of one grid.
class ChipMosaic final : public infer::BlockSource {
 public:
  ChipMosaic(std::shared_ptr<io::DatasetPack> pack, geo::Mosaic mosaic, const std::vector<const io::PackedChip*>& chips)
      : pack_(std::move(pack)), mosaic_(std::move(mosaic)) {
    for (const auto& [cell, chip] : mosaic_.cells) chips_.emplace(cell, chips[chip]);
  }

  [[nodiscard]] const geo::BlockGrid& grid() const override { return mosaic_.grid; }
  [[nodiscard]] Result<std::optional<raster::Image>> fetch(pipeline::Block block) override {
    const auto found = chips_.find({block.row, block.column});
    if (found == chips_.end()) return std::optional<raster::Image>();
    const io::PackedChip& chip = *found->second;
    raster::Image image{chip.width, chip.height, chip.channels, {}, {}};
    image.pixels.assign(chip.pixels, chip.pixels + static_cast<std::size_t>(chip.width) * static_cast<std::size_t>(chip.height) *
                                                       static_cast<std::size_t>(chip.channels));
    return std::optional(std::move(image));
  }
  [[nodiscard]] std::string name() const override {
    return chips_.size() == 1 ? chips_.begin()->second->name : std::to_string(chips_.size()) + " chips";
  }

 private:
  std::shared_ptr<io::DatasetPack> pack_;
  geo::Mosaic mosaic_;
  std::map<std::pair<std::int64_t, std::int64_t>, const io::PackedChip*> chips_;  // by (row, column)
};

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
  std::vector<const io::PackedChip*> chips;
  std::vector<geo::Placement> places;
  for (const io::PackedChip& chip : pack->chips()) {
    if (chip.part != part) continue;
    FAIR_TRY_ASSIGN(const ChipPlace place, place_of(chip));
    chips.push_back(&chip);
    places.push_back({place.crs, place.transform, chip.width, chip.height});
  }
  std::vector<std::unique_ptr<infer::BlockSource>> out;
  for (geo::Mosaic& mosaic : geo::mosaics_of(places)) out.push_back(std::make_unique<ChipMosaic>(pack, std::move(mosaic), chips));
  return out;
}

Result<std::vector<ChipSource>> single_sources_of(const std::shared_ptr<io::DatasetPack>& pack, io::Part part) {
  std::vector<ChipSource> out;
  for (const io::PackedChip& chip : pack->chips()) {
    if (chip.part != part) continue;
    FAIR_TRY_ASSIGN(const ChipPlace place, place_of(chip));
    ChipSource source;
    source.chip = &chip;
    const std::vector<geo::Placement> places{{place.crs, place.transform, chip.width, chip.height}};
    for (geo::Mosaic& mosaic : geo::mosaics_of(places))
      source.blocks.push_back(std::make_unique<ChipMosaic>(pack, std::move(mosaic), std::vector<const io::PackedChip*>{&chip}));
    out.push_back(std::move(source));
  }
  return out;
}

}  // namespace fair::launch
