// Labels for segmentation: a class value a pixel.
#pragma once

#include <memory>

#include "native/io/chip_labels.h"

namespace fair::io {

/// Footprints burnt into masks, or a folder of masks.
[[nodiscard]] Result<std::unique_ptr<ChipLabels>> open_mask_labels(const LabelSource& source);

}  // namespace fair::io
