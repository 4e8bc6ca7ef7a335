#include <CLI/CLI.hpp>

#include "native/cli/desk.h"
#include "native/cli/verbs.h"
#include "native/launch/publishing.h"

namespace fair::cli {
namespace {

Result<Exit> run(Context& context, const std::string& name, int version) {
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  FAIR_TRY_ASSIGN(versions::VersionStore * store, desk.versions());
  FAIR_TRY(launch::archive(desk.workspace(), *store, name, version));
  context.answer({{"model", name}, {"version", version}, {"archived", true}}, name + " v" + std::to_string(version) + " is archived");
  return done;
}

}  // namespace

void add_archive(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("archive", "Take a version out of use; its item stays, deprecated");
  verb->footer("Example:\n  fair archive town-buildings 1");
  auto name = std::make_shared<std::string>();
  auto version = std::make_shared<int>(0);
  verb->add_option("name", *name, "The finetuned model's name")->required()->type_name("NAME");
  verb->add_option("version", *version, "Its version")->required()->type_name("VERSION")->check(CLI::PositiveNumber);
  context.on(verb, [name, version](Context& c) { return run(c, *name, *version); });
}

}  // namespace fair::cli
