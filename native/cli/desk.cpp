#include "native/cli/desk.h"

namespace fair::cli {

Result<Desk> Desk::open(const Context& context) {
  FAIR_TRY_ASSIGN(store::Workspace workspace, store::Workspace::open(context.workspace));
  return Desk(std::move(workspace));
}

Result<runs::RunStore*> Desk::runs() {
  if (!runs_) {
    FAIR_TRY_ASSIGN(runs_, runs::open_sqlite(workspace_.runs().string()));
  }
  return runs_.get();
}

}  // namespace fair::cli
