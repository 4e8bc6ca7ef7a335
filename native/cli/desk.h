// The workspace as a verb uses it: opened once, runs when they are first asked for.
#pragma once

#include <memory>

#include "native/cli/context.h"
#include "native/runs/run_store.h"
#include "native/store/workspace.h"

namespace fair::cli {

class Desk {
 public:
  /// Code::not_found, with a hint to `fair init`, where there is no workspace.
  [[nodiscard]] static Result<Desk> open(const Context& context);

  [[nodiscard]] store::Workspace& workspace() { return workspace_; }
  [[nodiscard]] catalog::CatalogStore& catalog() { return workspace_.catalog(); }
  [[nodiscard]] Result<runs::RunStore*> runs();

 private:
  explicit Desk(store::Workspace workspace) : workspace_(std::move(workspace)) {}
  store::Workspace workspace_;
  std::unique_ptr<runs::RunStore> runs_;
};

}  // namespace fair::cli
