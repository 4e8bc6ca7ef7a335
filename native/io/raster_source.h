// One raster file, read in blocks. Private to native/io.
#pragma once

#include "native/infer/block_source.h"
#include "native/io/raster_file.h"

namespace fair::io {

class RasterSource final : public infer::BlockSource {
 public:
  /// The file must be georeferenced and north up. `gsd` as in RasterFile::open.
  [[nodiscard]] static Result<std::unique_ptr<RasterSource>> open(const std::filesystem::path& path, double gsd);
  [[nodiscard]] const geo::BlockGrid& grid() const override { return grid_; }
  [[nodiscard]] Result<std::optional<raster::Image>> fetch(pipeline::Block block) override;
  [[nodiscard]] std::string name() const override { return name_; }

 private:
  RasterSource(RasterFile file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}
  RasterFile file_;
  std::string name_;
  geo::BlockGrid grid_;
};

}  // namespace fair::io
