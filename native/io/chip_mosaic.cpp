#include "native/io/chip_mosaic.h"

#include "native/io/raster_file.h"

namespace fair::io {

ChipMosaic::ChipMosaic(geo::Mosaic mosaic, const std::vector<Chip>& chips) : grid_(std::move(mosaic.grid)) {
  for (const auto& [cell, chip] : mosaic.cells) files_.emplace(cell, chips[chip].path);
}

Result<std::optional<raster::Image>> ChipMosaic::fetch(pipeline::Block block) {
  const auto found = files_.find({block.row, block.column});
  if (found == files_.end()) return std::optional<raster::Image>();
  FAIR_TRY_ASSIGN(const RasterFile file, RasterFile::open(found->second));
  // Between listing the folder and reading it, somebody may have put another picture there.
  if (file.info().width != grid_.block_width || file.info().height != grid_.block_height) {
    return fail(Code::conflict, found->second.string(), std::to_string(grid_.block_width) + " x " + std::to_string(grid_.block_height) + " pixels",
                std::to_string(file.info().width) + " x " + std::to_string(file.info().height), "the file changed while it was read: begin again");
  }
  FAIR_TRY_ASSIGN(raster::Image image, file.read_all());
  return std::optional(std::move(image));
}

std::string ChipMosaic::name() const {
  return files_.size() == 1 ? files_.begin()->second.filename().string() : std::to_string(files_.size()) + " chips";
}

}  // namespace fair::io
