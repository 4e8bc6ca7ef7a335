// Labels for classification: one class a chip.
#pragma once

#include <memory>

#include "native/io/chip_labels.h"

namespace fair::io {

/// The classes of a CSV table, or what footprints make of a chip: the class where they cover enough of it, else "no_" and its name.
/// Of two classes the positive one (named as `source.class_name`, or the one that does not begin with "no") has value 1; of more, the one that means
/// "none" comes first and the others by name.
[[nodiscard]] Result<std::unique_ptr<ChipLabels>> open_class_labels(const LabelSource& source);

}  // namespace fair::io
