#include "native/io/imagery.h"

#include "native/io/chip_mosaic.h"
#include "native/io/raster_source.h"

namespace fair::io {
namespace {

std::vector<std::unique_ptr<infer::BlockSource>> mosaics(const std::vector<Chip>& chips) {
  std::vector<geo::Placement> places;
  places.reserve(chips.size());
  for (const Chip& chip : chips) places.push_back({chip.crs, chip.transform, chip.width, chip.height});
  std::vector<std::unique_ptr<infer::BlockSource>> out;
  for (geo::Mosaic& mosaic : geo::mosaics_of(places)) out.push_back(std::make_unique<ChipMosaic>(std::move(mosaic), chips));
  return out;
}

}  // namespace

Result<std::vector<std::unique_ptr<infer::BlockSource>>> open_imagery(const std::filesystem::path& path, double gsd) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    FAIR_TRY_ASSIGN(const std::vector<Chip> chips, list_chips(path));
    return mosaics(chips);
  }
  auto whole = RasterSource::open(path, gsd);
  if (!whole) {
    // A single chip may have its place in its name, as those of a folder do.
    auto chip = chip_of(path);
    if (!chip) return fail(std::move(whole).error());
    return mosaics({std::move(*chip)});
  }
  std::vector<std::unique_ptr<infer::BlockSource>> out;
  out.push_back(std::move(*whole));
  return out;
}

}  // namespace fair::io
