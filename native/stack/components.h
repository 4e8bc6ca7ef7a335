// From a stack's words to the implementations they name.
#pragma once

#include <memory>
#include <optional>

#include "core/catalog/store.h"
#ifdef FAIR_WITH_CURL
#include "native/cluster/jobs.h"
#endif
#include "native/image/builder.h"
#include "native/stack/stack.h"
#include "native/store/object_store.h"
#include "native/store/workspace.h"
#include "native/track/tracker.h"
#include "native/versions/version_store.h"

namespace fair::stack {

/// Null where the stack's part is the workspace's own. Errors name the stack and its part.
[[nodiscard]] Result<std::unique_ptr<catalog::CatalogStore>> open_catalog(const Stack& stack);
[[nodiscard]] Result<std::unique_ptr<store::ObjectStore>> open_artifacts(const Stack& stack);
/// What brings files that lie outside of the workspace: other buckets of the stack's endpoint, any http(s) address; into
/// fetched/ of `folder`. Empty without libcurl.
[[nodiscard]] Result<store::Workspace::Reach> open_outside(const Stack& stack, const std::filesystem::path& folder);
/// `workspace` plays the local one, and says where artifacts lie.
[[nodiscard]] Result<std::unique_ptr<versions::VersionStore>> open_versions(const Stack& stack, const store::Workspace& workspace);
/// Nothing where images stay on this machine.
[[nodiscard]] Result<std::optional<image::Registry>> image_registry(const Stack& stack);
#ifdef FAIR_WITH_CURL
/// Of a stack whose launcher is kubernetes; Code::usage for another.
[[nodiscard]] Result<cluster::Jobs> open_jobs(const Stack& stack);
/// What all jobs on it have alike: image, secret, the stack's artifacts as pods reach them. Code::usage where pods could not.
[[nodiscard]] Result<cluster::JobPlan> job_plan(const Stack& stack);
#endif
/// `folder`: where the local one keeps its files.
[[nodiscard]] Result<std::unique_ptr<track::Tracker>> open_tracker(const Stack& stack, const std::filesystem::path& folder);

}  // namespace fair::stack
