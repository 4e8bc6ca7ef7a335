// Footprints to learn from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "core/vector/geometry.h"
#include "native/io/chips.h"

namespace fair::io {

/// Polygons in lon/lat degrees, whatever projection their file was in.
struct Footprints {
  std::vector<vector::Polygon> polygons;
  std::int64_t other_geometries = 0;  ///< points, lines: counted, not used
};

/// Reads polygons of a vector file, or of the only one in a folder. Errors: no file, damaged, no polygons in it.
[[nodiscard]] Result<Footprints> read_footprints(const std::filesystem::path& path);

/// A footprint in a chip's pixels.
[[nodiscard]] vector::Polygon in_pixels(const vector::Polygon& polygon, const Chip& chip);

/// Burns all footprints into a mask of the chip's size: 1 inside, 0 outside. Gives how many reached into it.
[[nodiscard]] std::int64_t burn(const Footprints& footprints, const Chip& chip, std::vector<std::uint8_t>& mask);

}  // namespace fair::io
