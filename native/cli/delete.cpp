#include <CLI/CLI.hpp>

#include "native/cli/desk.h"
#include "native/cli/verbs.h"
#include "native/launch/publishing.h"

namespace fair::cli {
namespace {

Result<Exit> run(Context& context, const std::string& name, int version) {
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  FAIR_TRY_ASSIGN(versions::VersionStore * store, desk.versions());
  std::size_t removed = 1;
  if (version > 0) {
    FAIR_TRY(launch::remove(desk.workspace(), *store, name, version));
  } else {
    FAIR_TRY_ASSIGN(removed, launch::remove_all(desk.workspace(), *store, name));
  }
  context.answer({{"model", name}, {"version", version > 0 ? Json(version) : Json(nullptr)}, {"removed", removed}},
                 version > 0 ? name + " v" + std::to_string(version) + " is gone"
                             : name + " is gone, " + std::to_string(removed) + (removed == 1 ? " version" : " versions"));
  return done;
}

}  // namespace

void add_delete(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("delete", "Remove a version of a finetuned model, or all of them, with their items and files");
  verb->footer("Example:\n  fair delete town-buildings 1\n  fair delete town-buildings");
  auto name = std::make_shared<std::string>();
  auto version = std::make_shared<int>(0);
  verb->add_option("name", *name, "The finetuned model's name")->required()->type_name("NAME");
  verb->add_option("version", *version, "Its version; all of them where it is left out")->type_name("VERSION")->check(CLI::PositiveNumber);
  context.on(verb, [name, version](Context& c) { return run(c, *name, *version); });
}

}  // namespace fair::cli
