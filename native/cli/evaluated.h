// Evaluation as verbs do it: progress on standard error, Ctrl-C, warnings said.
#pragma once

#include "native/cli/context.h"
#include "native/launch/model_evaluation.h"

namespace fair::cli {

/// launch::evaluate with progress and interruption of its own.
[[nodiscard]] Result<launch::Evaluation> evaluated(const launch::ChosenModel& model, launch::ModelEvaluation how, const Context& context);

}  // namespace fair::cli
