#include "native/cli/desk.h"

#include "native/launch/publishing.h"
#include "native/stack/components.h"

namespace fair::cli {

Result<stack::Stack> chosen_stack(const Context& context, const store::Workspace& workspace) {
  FAIR_TRY_ASSIGN(stack::Configuration configuration, stack::read_configuration(workspace.folder()));
  if (!workspace.settings().stack.empty()) configuration.preferred = workspace.settings().stack;
  return stack::choose(configuration, context.stack);
}

Result<std::optional<store::Workspace>> workspace_here(const Context& context) {
  auto workspace = store::Workspace::open(context.workspace);
  if (workspace) return std::optional<store::Workspace>(std::move(*workspace));
  if (workspace.error().code != Code::not_found) return fail(workspace.error());
  return std::optional<store::Workspace>();
}

Result<stack::Stack> stack_here(const Context& context) {
  FAIR_TRY_ASSIGN(const auto workspace, workspace_here(context));
  if (workspace) return chosen_stack(context, *workspace);
  FAIR_TRY_ASSIGN(const stack::Configuration configuration, stack::read_configuration({}));
  return stack::choose(configuration, context.stack);
}

Result<stack::Stack> use_stack(const Context& context, store::Workspace& workspace) {
  FAIR_TRY_ASSIGN(stack::Stack stack, chosen_stack(context, workspace));
  FAIR_TRY_ASSIGN(auto catalog, stack::open_catalog(stack));
  FAIR_TRY_ASSIGN(auto artifacts, stack::open_artifacts(stack));
  FAIR_TRY_ASSIGN(auto outside, stack::open_outside(stack, workspace.folder()));
  workspace.use(std::move(catalog), std::move(artifacts));
  workspace.reach(std::move(outside));
  return stack;
}

Result<Desk> Desk::open(const Context& context) {
  FAIR_TRY_ASSIGN(store::Workspace workspace, store::Workspace::open(context.workspace));
  FAIR_TRY_ASSIGN(stack::Stack stack, use_stack(context, workspace));
  Desk desk(std::move(workspace), std::move(stack));
  launch::settle_left(
      desk.workspace_, [&] { return desk.versions(); }, [&](const std::string& line) { context.say(line); });
  return desk;
}

Result<runs::RunStore*> Desk::runs() {
  if (!runs_) {
    FAIR_TRY_ASSIGN(runs_, runs::open_sqlite(workspace_.runs().string()));
  }
  return runs_.get();
}

Result<image::Registry> Desk::registry() const {
  FAIR_TRY_ASSIGN(auto registry, stack::image_registry(stack_));
  if (registry) return std::move(*registry);
  return fail(Code::usage, "stack " + stack_.name, "a part images of kind registry", "images that stay on this machine",
              "add [stack.NAME.images] with kind = \"registry\" and host to fair.toml, and choose it with --stack");
}

Result<versions::VersionStore*> Desk::versions() {
  if (!versions_) {
    FAIR_TRY_ASSIGN(versions_, stack::open_versions(stack_, workspace_));
  }
  return versions_.get();
}

}  // namespace fair::cli
