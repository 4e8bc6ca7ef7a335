// One raster file as pixels on the ground: RGB, 8 bits, EPSG:4326 or EPSG:3857.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/geo/grid.h"
#include "core/raster/image.h"

namespace fair::io {

/// What a file says about itself. Sizes in pixels; `transform` and `crs` hold where `georeferenced` is true.
struct RasterInfo {
  std::int32_t width = 0, height = 0, bands = 0;
  bool georeferenced = false;
  bool warped = false;  ///< the file is in another projection; pixels are warped to EPSG:3857 as they are read
  geo::Crs crs = geo::Crs::web_mercator;
  geo::GeoTransform transform;
  std::string projection;  ///< the file's own, for people
  int overview = -1;       ///< what is read of the file: this overview of it, or with -1 all its pixels
};

/// Reads windows of one file; safe from several threads. Grey and palette images become RGB; alpha, masks and no-data values become
/// `valid`. Errors: not 8-bit, more pixels than any real file has, damaged data.
class RasterFile {
 public:
  /// With a ground resolution in metres a pixel, a file at least twice as fine is read as the coarsest of its overviews that is no coarser than
  /// that; info() then is the overview's.
  [[nodiscard]] static Result<RasterFile> open(const std::filesystem::path& path, double gsd = 0);
  RasterFile(RasterFile&&) noexcept;
  RasterFile& operator=(RasterFile&&) noexcept;
  ~RasterFile();

  [[nodiscard]] const RasterInfo& info() const;
  /// Pixels of a window, resampled to out_width x out_height by averaging (from overviews where the file has them).
  [[nodiscard]] Result<raster::Image> read(std::int32_t column, std::int32_t row, std::int32_t width, std::int32_t height, std::int32_t out_width,
                                           std::int32_t out_height) const;
  [[nodiscard]] Result<raster::Image> read_all() const;

 private:
  struct State;
  explicit RasterFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// One band of class values, as mask rasters hold them: no colour conversion, no resampling. Errors as RasterFile.
[[nodiscard]] Result<raster::Image> read_mask(const std::filesystem::path& path);

}  // namespace fair::io
