// From versions to items of the catalogue, and back out again.
#pragma once

#include <functional>
#include <string>

#include "core/catalog/lifecycle.h"
#include "native/store/workspace.h"
#include "native/versions/version_store.h"

namespace fair::launch {

// Each of these is one intent (intent.h): while it is at work nobody else changes that model's versions, which is Code::conflict and names who;
// killed at any moment, the next command finishes or undoes it.

/// Brings that version's files to where artifacts lie, makes it the active item of its model and its stage production; the former one is deprecated.
/// An older version is a rollback. Both stores tell the same when it ends.
[[nodiscard]] Result<catalog::Promotion> promote(store::Workspace& workspace, versions::VersionStore& versions, const std::string& model, int number);

/// Deprecates the version's item, where it has one, and archives its stage.
Result<> archive(store::Workspace& workspace, versions::VersionStore& versions, const std::string& model, int number);

/// Removes the version: item, record and artifacts.
Result<> remove(store::Workspace& workspace, versions::VersionStore& versions, const std::string& model, int number);
/// Removes every version. Gives how many there were.
[[nodiscard]] Result<std::size_t> remove_all(store::Workspace& workspace, versions::VersionStore& versions, const std::string& model);

/// Finishes or undoes what programs of this machine began and have left. `open` is called where there is something; `say` hears of it.
void settle_left(store::Workspace& workspace, const std::function<Result<versions::VersionStore*>()>& open,
                 const std::function<void(const std::string&)>& say);

}  // namespace fair::launch
