// From a stack's words to the implementations they name.
#pragma once

#include <memory>

#include "core/catalog/store.h"
#include "native/stack/stack.h"
#include "native/store/object_store.h"
#include "native/track/tracker.h"

namespace fair::stack {

/// Null where the stack's part is the workspace's own. Errors name the stack and its part.
[[nodiscard]] Result<std::unique_ptr<catalog::CatalogStore>> open_catalog(const Stack& stack);
[[nodiscard]] Result<std::unique_ptr<store::ObjectStore>> open_artifacts(const Stack& stack);
/// `folder`: where the local one keeps its files.
[[nodiscard]] Result<std::unique_ptr<track::Tracker>> open_tracker(const Stack& stack, const std::filesystem::path& folder);

}  // namespace fair::stack
