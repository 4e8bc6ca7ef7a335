#include <CLI/CLI.hpp>

#include "core/catalog/lifecycle.h"
#include "native/cli/desk.h"
#include "native/cli/verbs.h"
#include "native/launch/base_models.h"
#include "native/runs/clock.h"

namespace fair::cli {
namespace {

struct Options {
  std::string asset_base = store::Workspace::default_asset_base;
  std::string ids = "name-version";
  bool empty = false;
};

Result<Exit> run(Context& context, const Options& options) {
  store::Workspace::Settings settings;
  settings.asset_base = options.asset_base;
  settings.ids = options.ids == "uuid" ? catalog::IdStyle::uuid : catalog::IdStyle::name_version;
  FAIR_TRY_ASSIGN(store::Workspace workspace, store::Workspace::create(context.workspace, settings, runs::utc_now()));
  FAIR_TRY(runs::open_sqlite(workspace.runs().string()));
  FAIR_TRY(use_stack(context, workspace));
  Json models = Json::array();
  std::string text = "workspace " + workspace.folder().string() + "\n";
  for (const std::string& id : options.empty ? std::vector<std::string>{} : launch::built_in_models("")) {
    const bool there = workspace.catalog().item(catalog::base_models, id).has_value();
    if (!there) {
      FAIR_TRY_ASSIGN(stac::Item item, launch::place_base_model(workspace, id));
      FAIR_TRY(catalog::register_base_model(workspace.catalog(), std::move(item), runs::utc_now()));
    }
    models.push_back({{"id", id}, {"registered", !there}});
    text += std::string("base model ") + id + (there ? " was there\n" : "\n");
  }
  context.answer({{"workspace", workspace.folder().string()}, {"asset_base", workspace.settings().asset_base}, {"base_models", models}}, text);
  return done;
}

}  // namespace

void add_init(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("init", "Make a workspace whose catalogue holds the built-in base models");
  verb->footer("A workspace that is there keeps what it has.\nExample:\n  fair --workspace town init");
  auto options = std::make_shared<Options>();
  verb->add_flag("--empty", options->empty, "Leave the built-in base models out");
  verb->add_option("--asset-base", options->asset_base, "URL that stands for artifacts/ in published items")->capture_default_str()->type_name("URL");
  verb->add_option("--ids", options->ids, "How items of finetuned models are named")
      ->capture_default_str()
      ->check(CLI::IsMember({"name-version", "uuid"}));
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
