// A chip with fewer pixels for the same ground.
#pragma once

#include "native/io/chip_labels.h"
#include "native/io/chips.h"

namespace fair::io {

/// The chip with as many pixels fewer as bring it to `gsd` metres a pixel; as it is where it is that coarse already, or gsd is 0. At least one pixel.
[[nodiscard]] Chip coarse_chip(const Chip& chip, double gsd);

/// A label of `fine` as one of `coarse`: masks by the pixel that a coarser one's middle lies in, boxes in coarser pixels.
[[nodiscard]] ChipLabel coarse_label(ChipLabel label, const Chip& fine, const Chip& coarse);

}  // namespace fair::io
