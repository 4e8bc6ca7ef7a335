// Heights -> basins of influence: which peak every pixel of a shape belongs to.
#pragma once

#include <cstdint>
#include <vector>

#include "core/vector/polygonize.h"

namespace fair::vector {

struct WatershedOptions {
  std::int32_t depth = 0;                          ///< peaks that stick out less above the pass to a higher one are part of it; same unit as heights
  std::int64_t min_pixels = 0;                     ///< and so are basins that are smaller when they meet another
  Connectivity connectivity = Connectivity::four;  ///< what counts as meeting
};

/// Sides of the heights at which the picture ends, and with it what one can see of a thing.
struct PictureEnds {
  bool left = false, right = false, top = false, bottom = false;
};

/// Floods `heights` (width x height, row by row; 0 is outside) from the highest pixel down. Gives 0 outside and a number a basin inside, counted from
/// 1 in the row-major order of the basins' first pixels. Deterministic: equals are taken in row-major order. A basin that reaches where the picture
/// ends is small below a quarter of `min_pixels`: one cut off there is not known to be small. (Meyer's flooding with merging by dynamics: Grimaud
/// 1992.)
[[nodiscard]] std::vector<std::int32_t> watershed(const std::vector<std::uint16_t>& heights, std::int32_t width, std::int32_t height,
                                                  const WatershedOptions& options, PictureEnds ends = {});

}  // namespace fair::vector
