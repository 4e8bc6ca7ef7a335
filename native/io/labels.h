// Footprints to learn from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "core/vector/geometry.h"
#include "core/vector/validity.h"
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

/// Footprints asked for chip by chip; knows which of them no chip has met.
class FootprintReach {
 public:
  explicit FootprintReach(Footprints footprints);

  /// Those whose boxes meet the chip's, in its pixels.
  [[nodiscard]] std::vector<vector::Polygon> on(const Chip& chip);
  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(footprints_.polygons.size()); }
  [[nodiscard]] std::int64_t outside() const;  ///< on no chip asked so far
  /// What to say when no chip shows any.
  [[nodiscard]] Error none_met(const std::filesystem::path& path) const;

 private:
  Footprints footprints_;
  std::vector<vector::Box> boxes_;  ///< degrees
  std::vector<bool> met_;
};

/// Burns polygons in a chip's pixels into a mask of its size: 1 inside, 0 outside. Gives how many reached into it.
[[nodiscard]] std::int64_t burn(const std::vector<vector::Polygon>& polygons, const Chip& chip, std::vector<std::uint8_t>& mask);

/// Which polygon each pixel of a chip is of, counted from 1; of two that overlap the later. 0 = none.
[[nodiscard]] std::vector<std::uint16_t> number(const std::vector<vector::Polygon>& polygons, const Chip& chip);

}  // namespace fair::io
