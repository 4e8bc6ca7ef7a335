// Which chips train, validate, and are kept apart.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/geo/transform.h"
#include "native/io/dataset_pack.h"

namespace fair::io {

struct SplitOptions {
  double val_ratio = 0.2;  ///< of the chips that are not held out
  std::string holdout;     ///< pattern of chip names kept apart, "" for none
  std::uint64_t seed = 42;
};

struct SplitChip {
  std::string name;
  geo::LonLat middle;
};

/// A part for each chip. Validation chips are one block of neighbours, at the end of the area's longer side that the seed chooses, so that parts
/// share as little edge as possible, and no pixel.
[[nodiscard]] std::vector<Part> split_parts(const std::vector<SplitChip>& chips, const SplitOptions& options);

}  // namespace fair::io
