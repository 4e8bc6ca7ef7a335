// Footprints to learn from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/vector/geometry.h"
#include "core/vector/validity.h"
#include "native/io/chips.h"

namespace fair::io {

/// Polygons in lon/lat degrees, whatever projection their file was in.
struct Footprints {
  std::vector<vector::Polygon> polygons;
  std::vector<std::string> words;     ///< what the attribute says of each polygon, empty where it says nothing; none where no attribute was asked for
  std::int64_t other_geometries = 0;  ///< points, lines: counted, not used
};

/// Reads polygons of a vector file, or of the only one in a folder, with what `attribute` says of each. Errors: no file, damaged, no polygons in it,
/// a layer without the attribute.
[[nodiscard]] Result<Footprints> read_footprints(const std::filesystem::path& path, const std::string& attribute = {});

/// A footprint in a chip's pixels.
[[nodiscard]] vector::Polygon in_pixels(const vector::Polygon& polygon, const Chip& chip);

/// A footprint on a chip.
struct Reached {
  vector::Polygon polygon;  ///< in the chip's pixels
  std::uint8_t value = 1;   ///< of its class
};

/// Footprints asked for chip by chip; knows which of them no chip has met.
class FootprintReach {
 public:
  /// `values` are each footprint's class value; none: 1 for all.
  explicit FootprintReach(Footprints footprints, std::vector<std::uint8_t> values = {});

  /// Those whose boxes meet the chip's, in the file's order.
  [[nodiscard]] std::vector<Reached> on(const Chip& chip);
  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(footprints_.polygons.size()); }
  [[nodiscard]] std::int64_t outside() const;  ///< on no chip asked so far
  /// What to say when no chip shows any.
  [[nodiscard]] Error none_met(const std::filesystem::path& path) const;

 private:
  Footprints footprints_;
  std::vector<std::uint8_t> values_;
  std::vector<vector::Box> boxes_;  ///< degrees
  std::vector<bool> met_;
};

/// Burns footprints into a mask of the chip's size: their values inside, of two that overlap the later's, `outside` elsewhere. Gives how many reached
/// into it.
[[nodiscard]] std::int64_t burn(const std::vector<Reached>& footprints, const Chip& chip, std::vector<std::uint8_t>& mask, std::uint8_t outside = 0);

/// Which footprint each pixel of a chip is of, counted from 1; of two that overlap the later. 0 = none.
[[nodiscard]] std::vector<std::uint16_t> number(const std::vector<Reached>& footprints, const Chip& chip);

}  // namespace fair::io
