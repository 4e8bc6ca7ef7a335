// Labels for detection: boxes in a chip's pixels.
#pragma once

#include <memory>

#include "native/io/chip_labels.h"

namespace fair::io {

/// The boxes of a COCO file, or of footprints. Cut at the chip; of what then is less than 2 pixels wide or high nothing can be learnt: it is left
/// out.
[[nodiscard]] Result<std::unique_ptr<ChipLabels>> open_box_labels(const LabelSource& source);

}  // namespace fair::io
