#include "native/cli/evaluated.h"

#include "native/cli/interrupt.h"
#include "native/cli/progress.h"

namespace fair::cli {

Result<launch::Evaluation> evaluated(const launch::ChosenModel& model, launch::ModelEvaluation how, const Context& context) {
  const Interrupt interrupt;
  how.stop = &interrupt.flag();
  Progress progress("evaluate", "windows");
  how.on_progress = [&](std::int64_t done_windows, std::int64_t total) { progress.update(done_windows, total); };
  FAIR_TRY_ASSIGN(launch::Evaluation result, launch::evaluate(model, how));
  progress.finish();
  for (const std::string& warning : result.warnings) context.say(warning);
  return result;
}

}  // namespace fair::cli
