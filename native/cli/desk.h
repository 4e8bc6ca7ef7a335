// The workspace as a verb uses it: opened once, runs when they are first asked for.
#pragma once

#include <memory>
#include <optional>

#include "native/cli/context.h"
#include "native/image/builder.h"
#include "native/runs/run_store.h"
#include "native/stack/components.h"
#include "native/stack/stack.h"
#include "native/store/workspace.h"
#include "native/versions/version_store.h"

namespace fair::cli {

/// Nothing where there is none.
[[nodiscard]] Result<std::optional<store::Workspace>> workspace_here(const Context& context);
/// The stack in use, with a workspace or without: a pod has none.
[[nodiscard]] Result<stack::Stack> stack_here(const Context& context);
/// The stack that --stack, $FAIR_STACK, the workspace or fair.toml names, in this order.
[[nodiscard]] Result<stack::Stack> chosen_stack(const Context& context, const store::Workspace& workspace);
/// Lets the workspace use it.
Result<stack::Stack> use_stack(const Context& context, store::Workspace& workspace);

class Desk {
 public:
  /// Code::not_found, with a hint to `fair init`, where there is no workspace. Reaches the chosen stack's catalogue.
  [[nodiscard]] static Result<Desk> open(const Context& context);

  [[nodiscard]] store::Workspace& workspace() { return workspace_; }
  [[nodiscard]] catalog::CatalogStore& catalog() { return workspace_.catalog(); }
  [[nodiscard]] const stack::Stack& stack_in_use() const { return stack_; }
  [[nodiscard]] Result<runs::RunStore*> runs();
  [[nodiscard]] Result<versions::VersionStore*> versions();
  /// Where the stack's images go. Code::usage where they stay on this machine.
  [[nodiscard]] Result<image::Registry> registry() const;
  /// Other machines see the versions, and may want their files.
  [[nodiscard]] bool versions_are_shared() const { return stack_.part("versions").kind != "sqlite"; }
  /// Work is done by a cluster's pods, not by processes of this machine.
  [[nodiscard]] bool on_a_cluster() const { return stack_.part("launcher").kind == "kubernetes"; }
  /// The stack's; the local one writes mlruns/ in the workspace.
  [[nodiscard]] Result<std::unique_ptr<track::Tracker>> tracker() const { return stack::open_tracker(stack_, workspace_.folder() / "mlruns"); }

 private:
  Desk(store::Workspace workspace, stack::Stack stack) : workspace_(std::move(workspace)), stack_(std::move(stack)) {}
  store::Workspace workspace_;
  stack::Stack stack_;
  std::unique_ptr<runs::RunStore> runs_;
  std::unique_ptr<versions::VersionStore> versions_;
};

}  // namespace fair::cli
