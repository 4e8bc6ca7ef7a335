// fair: models on maps, from the command line.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string>

#include "native/cli/verbs.h"
#include "native/cli/version.h"
#ifdef FAIR_WITH_CURL
#include "native/http/patience.h"
#endif

namespace {

std::string default_workspace() {
  const char* given = std::getenv("FAIR_WORKSPACE");
  return given != nullptr && *given != '\0' ? given : ".fair";
}

/// The common options may stand anywhere on the line, so every verb hands what it does not know to its parent.
void let_common_options_through(CLI::App& app) {
  for (CLI::App* verb : app.get_subcommands([](CLI::App*) { return true; })) {
    verb->fallthrough();
    let_common_options_through(*verb);
  }
}

}  // namespace

int main(int argc, char** argv) {
  using namespace fair::cli;
  Context context;
  context.workspace = default_workspace();
#ifdef FAIR_WITH_CURL
  fair::http::tell_of_waits([&](const std::string& sentence) { context.say(sentence); });
#endif

  CLI::App app("Finetunes fAIr's models on your imagery and puts what they see on the map.", "fair");
  app.footer(
      "Example:\n  fair init && fair dataset make --task segmentation --chips chips --labels buildings.geojson --id town --register\n"
      "  fair finetune --base unet-segmentation-small --dataset town --name town-buildings\n"
      "  fair promote town-buildings 1 && fair predict --model town-buildings --images chips --out buildings.geojson\n\n"
      "Exit status: 0 done, 1 failed, 2 wrong usage, 3 findings. `fair VERB --help` tells more about a verb.");
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "Show this help and leave");
  app.set_version_flag(
      "--version", [] { return version_text(); }, "Show the version and what it was built with");
  app.add_option("-w,--workspace", context.workspace, "Folder of the catalogue, artifacts and runs ($FAIR_WORKSPACE, else .fair)")->type_name("DIR");
  app.add_option("--stack", context.stack, "Which of fair.toml's stacks to use ($FAIR_STACK, else the workspace's, else fair.toml's default)")
      ->type_name("NAME");
  app.add_flag("--json", context.json, "One JSON document on standard output");

  add_init(app, context);
  add_validate(app, context);
  add_compat(app, context);
  add_register(app, context);
  add_list(app, context);
  add_show(app, context);
  add_dataset(app, context);
  add_finetune(app, context);
  add_promote(app, context);
  add_archive(app, context);
  add_delete(app, context);
  add_predict(app, context);
  add_merge(app, context);
  add_evaluate(app, context);
  add_export(app, context);
  add_graph(app, context);
  add_import(app, context);
  add_serve(app, context);
  add_plugins(app, context);
  add_image(app, context);
  add_runs(app, context);
#ifdef FAIR_WITH_CURL
  add_jobs(app, context);
#endif
  add_stack(app, context);
  add_demo(app, context);
  add_completion(app, context);
  let_common_options_through(app);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? done : usage;
  }
  return context.run();
}
