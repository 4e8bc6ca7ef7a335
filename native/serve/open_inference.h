// The Open Inference Protocol, version 2 (https://github.com/kserve/open-inference-protocol): graphs as they are, tensors in JSON.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "native/serve/model_shelf.h"
#include "native/serve/router.h"
#include "native/serve/session_cache.h"
#include "native/serve/work_queue.h"

namespace fair::serve {

/// Models are those of the catalogue and the folder, by name; they wait for their turn in `queue` like predictions. All outlive it.
class OpenInference {
 public:
  OpenInference(ModelShelf& shelf, SessionCache& sessions, WorkQueue& queue, std::function<bool()> ready)
      : shelf_(shelf), sessions_(sessions), queue_(queue), ready_(std::move(ready)) {}
  /// /v2, /v2/health/live and /ready, /v2/models/{name}, its /ready and /infer.
  void add_routes(Router& router);

 private:
  [[nodiscard]] Result<std::shared_ptr<ReadyModel>> model(const std::string& name) const;
  void queued(const std::shared_ptr<Exchange>& exchange, std::function<Answer()> work);
  [[nodiscard]] Answer describe(const std::string& name) const;
  [[nodiscard]] Answer infer(const std::string& name, const Json& body) const;

  ModelShelf& shelf_;
  SessionCache& sessions_;
  WorkQueue& queue_;
  std::function<bool()> ready_;
};

}  // namespace fair::serve
