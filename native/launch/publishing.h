// From versions in the run store to items in the catalogue, and back out again.
#pragma once

#include <string>

#include "core/catalog/lifecycle.h"
#include "native/runs/run_store.h"
#include "native/store/workspace.h"

namespace fair::launch {

/// Makes that version the active item of its model and its stage production; the former one is deprecated. An older version is a rollback. Both
/// stores tell the same when it ends; repeated after a crash between them it finishes.
[[nodiscard]] Result<catalog::Promotion> promote(store::Workspace& workspace, runs::RunStore& runs, const std::string& model, int number);

/// Deprecates the version's item, where it has one, and archives its stage.
Result<> archive(store::Workspace& workspace, runs::RunStore& runs, const std::string& model, int number);

/// Removes the version: item, record and artifacts.
Result<> remove(store::Workspace& workspace, runs::RunStore& runs, const std::string& model, int number);
/// Removes every version. Gives how many there were.
[[nodiscard]] Result<std::size_t> remove_all(store::Workspace& workspace, runs::RunStore& runs, const std::string& model);

}  // namespace fair::launch
