#include "native/launch/model_evaluation.h"

#include "core/pipeline/inference_parameters.h"
#include "native/launch/known_plugins.h"

namespace fair::launch {

Result<Evaluation> evaluate(const ChosenModel& model, const ModelEvaluation& how) {
  FAIR_TRY_ASSIGN(const auto spec, model.hyperparameters());
  FAIR_TRY_ASSIGN(const auto values, spec.with(how.overrides));
  FAIR_TRY_ASSIGN(const auto plugins, known_plugins());
  FAIR_TRY_ASSIGN(const auto session, infer::Session::open(how.file, how.session));
  EvaluationRequest request;
  request.pack = how.pack;
  request.part = how.part;
  FAIR_TRY_ASSIGN(request.model, session->fit(model.spec));
  FAIR_TRY_ASSIGN(request.plugin, plugins.create(request.model));
  FAIR_TRY_ASSIGN(request.options, pipeline::inference_options(request.model, values.inference));
  request.options.batch_size = session->suggested_batch();
  request.runner = session.get();
  request.on_progress = how.on_progress;
  request.stop = how.stop;
  return evaluate(request);
}

}  // namespace fair::launch
