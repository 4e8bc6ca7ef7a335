// A folder of image chips: which there are and where each lies.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/geo/grid.h"

namespace fair::io {

/// One chip file. Pixels are read when they are wanted.
struct Chip {
  std::filesystem::path path;
  std::string name;  ///< the file's stem
  std::int32_t width = 0, height = 0;
  geo::Crs crs = geo::Crs::web_mercator;
  geo::GeoTransform transform;
};

/// Reads every image's header, in order of names. A chip lies where its georeference says, else where the tile numbers at the end of its
/// name say ("OAM-386694-220248-19" is x, y, z). Errors: no folder, no images, a chip without either (named), a damaged file.
[[nodiscard]] Result<std::vector<Chip>> list_chips(const std::filesystem::path& folder);

/// One chip's place, as list_chips finds it.
[[nodiscard]] Result<Chip> chip_of(const std::filesystem::path& path);

/// True where `pattern` with * and ? matches the whole name.
[[nodiscard]] bool matches(const std::string& pattern, const std::string& name);

}  // namespace fair::io
