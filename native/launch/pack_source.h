// A packed dataset's chips as imagery to predict on.
#pragma once

#include <memory>
#include <vector>

#include "native/infer/block_source.h"
#include "native/io/dataset_pack.h"

namespace fair::launch {

/// Where a packed chip lies. Errors name the chip.
struct ChipPlace {
  geo::Crs crs = geo::Crs::web_mercator;
  geo::GeoTransform transform;
};
[[nodiscard]] Result<ChipPlace> place_of(const io::PackedChip& chip);

/// One source for all chips of a part that share a pixel grid and a size, as mosaic cells, so that nothing is cut at their edges; further sources for
/// the others. The sources keep the pack open.
[[nodiscard]] Result<std::vector<std::unique_ptr<infer::BlockSource>>> sources_of(const std::shared_ptr<io::DatasetPack>& pack, io::Part part);

/// One chip alone.
struct ChipSource {
  const io::PackedChip* chip = nullptr;
  std::vector<std::unique_ptr<infer::BlockSource>> blocks;  ///< one
};

/// Every chip of a part for itself, in the pack's order, whatever lies beside it.
[[nodiscard]] Result<std::vector<ChipSource>> single_sources_of(const std::shared_ptr<io::DatasetPack>& pack, io::Part part);

}  // namespace fair::launch
