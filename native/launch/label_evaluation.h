// How right a classifier is on whole chips.
#pragma once

#include "native/launch/evaluation.h"

namespace fair::launch {

/// Every chip of the part as one window, resized as training saw it. Fills chips, classes, labels, and a feature a chip.
/// Code::invalid where the part has no chips; Code::incompatible where one has a class that the model lacks, or none.
[[nodiscard]] Result<Evaluation> evaluate_labels(const EvaluationRequest& request);

}  // namespace fair::launch
