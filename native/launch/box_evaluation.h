// How right a detector is: its features as boxes against the dataset's, chip by chip.
#pragma once

#include "native/launch/evaluation.h"

namespace fair::launch {

/// Fills `boxes` (average precision over nearly all boxes, as it is customarily taken: confidence 0.001, IoU 0.7), and `features` with those the
/// request's own thresholds keep. Every chip is predicted alone, as its labels end at its edge. Code::invalid where the part has no chips or they
/// have no boxes.
[[nodiscard]] Result<Evaluation> evaluate_boxes(const EvaluationRequest& request);

}  // namespace fair::launch
