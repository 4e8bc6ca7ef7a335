#include "native/io/raster_source.h"

#include <algorithm>

namespace fair::io {
namespace {

// Whole tiles of the usual tiled files (256, 512), and few enough pixels that several blocks in flight cost little memory.
constexpr std::int32_t block_side = 512;

}  // namespace

Result<std::unique_ptr<RasterSource>> RasterSource::open(const std::filesystem::path& path, double gsd) {
  FAIR_TRY_ASSIGN(RasterFile file, RasterFile::open(path, gsd));
  const RasterInfo info = file.info();
  if (!info.georeferenced) {
    return fail(Code::invalid, path.string(), "a georeference", "none", "give it a world file or set one with gdal_edit -a_srs … -a_ullr …");
  }
  if (info.transform.a[2] != 0 || info.transform.a[4] != 0) {
    return fail(Code::unsupported, path.string(), "an image with north up", "a rotated one", "warp it with gdalwarp -t_srs EPSG:3857");
  }
  std::unique_ptr<RasterSource> out(new RasterSource(std::move(file), path.filename().string()));
  geo::BlockGrid& grid = out->grid_;
  grid.crs = info.crs;
  grid.transform = info.transform;
  grid.block_width = std::min(block_side, info.width), grid.block_height = std::min(block_side, info.height);
  grid.columns = (info.width + grid.block_width - 1) / grid.block_width, grid.rows = (info.height + grid.block_height - 1) / grid.block_height;
  grid.width = info.width, grid.height = info.height;
  return out;
}

Result<std::optional<raster::Image>> RasterSource::fetch(pipeline::Block block) {
  const auto left = static_cast<std::int32_t>(block.column * grid_.block_width), top = static_cast<std::int32_t>(block.row * grid_.block_height);
  const std::int32_t width = std::min<std::int32_t>(grid_.block_width, file_.info().width - left);
  const std::int32_t height = std::min<std::int32_t>(grid_.block_height, file_.info().height - top);
  FAIR_TRY_ASSIGN(raster::Image image, file_.read(left, top, width, height, width, height));
  const bool nothing = !image.valid.empty() && std::all_of(image.valid.begin(), image.valid.end(), [](std::uint8_t v) { return v == 0; });
  return nothing ? std::optional<raster::Image>() : std::optional(std::move(image));
}

}  // namespace fair::io
