// Imagery on this machine as a prediction reads it.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "native/infer/block_source.h"

namespace fair::io {

/// A folder of chips, or one raster file. Chips whose pixel grids agree become cells of one source, so that nothing is cut at their edges; a file is
/// read in blocks; where it is at least twice as fine as `gsd`, the model's metres a pixel, through its overviews. Damaged pixels are told when they
/// are read. Errors: nothing there, no image, a chip or file without georeference (named).
[[nodiscard]] Result<std::vector<std::unique_ptr<infer::BlockSource>>> open_imagery(const std::filesystem::path& path, double gsd = 0);

}  // namespace fair::io
