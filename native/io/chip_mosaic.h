// Chips that are cells of one grid. Private to native/io.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/geo/mosaic.h"
#include "native/infer/block_source.h"
#include "native/io/chips.h"

namespace fair::io {

/// Files are opened when their block is wanted and closed again: a folder may hold more than a process may open.
class ChipMosaic final : public infer::BlockSource {
 public:
  ChipMosaic(geo::Mosaic mosaic, const std::vector<Chip>& chips);
  [[nodiscard]] const geo::BlockGrid& grid() const override { return grid_; }
  [[nodiscard]] Result<std::optional<raster::Image>> fetch(pipeline::Block block) override;
  [[nodiscard]] std::string name() const override;

 private:
  geo::BlockGrid grid_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::filesystem::path> files_;  // by (row, column)
};

}  // namespace fair::io
