#include <CLI/CLI.hpp>
#include <set>

#include "native/cli/desk.h"
#include "native/cli/table.h"
#include "native/cli/verbs.h"

namespace fair::cli {
namespace {

Result<Exit> run(Context& context, const std::string& what) {
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  Json json = Json::object();
  std::string text;
  const std::pair<const char*, const char*> kinds[] = {
      {catalog::base_models, "BASE MODEL"}, {catalog::local_models, "LOCAL MODEL"}, {catalog::datasets, "DATASET"}};
  for (const auto& [collection, heading] : kinds) {
    if (!what.empty() && what != collection) continue;
    FAIR_TRY_ASSIGN(const auto items, desk.catalog().items(collection));
    json[collection] = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const stac::Item& item : items) {
      json[collection].push_back({{"id", item.id()}, {"title", item.text("title")}, {"version", item.version()}, {"deprecated", item.deprecated()}});
      rows.push_back({item.id(), item.version(), item.deprecated() ? "deprecated" : "active", item.text("title")});
    }
    if (!rows.empty()) text += table({heading, "VERSION", "STATE", "TITLE"}, rows) + "\n";
  }
  if (what.empty() || what == "versions") {
    FAIR_TRY_ASSIGN(versions::VersionStore * store, desk.versions());
    FAIR_TRY_ASSIGN(const auto versions, store->versions(""));
    json["versions"] = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const versions::ModelVersion& v : versions) {
      json["versions"].push_back(
          {{"model", v.model}, {"version", v.number}, {"uuid", v.uuid}, {"stage", word(v.stage)}, {"run", v.run_id}, {"created_at", v.created_at}});
      rows.push_back({v.model, std::to_string(v.number), word(v.stage), v.created_at, v.run_id});
    }
    if (!rows.empty()) text += table({"FINETUNED MODEL", "VERSION", "STAGE", "MADE", "RUN"}, rows);
  }
  context.answer(json, text.empty() ? "nothing yet" : text);
  return done;
}

}  // namespace

void add_list(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("list", "What is in the workspace: base models, finetuned models, datasets, versions");
  verb->footer("Example:\n  fair list base-models");
  auto what = std::make_shared<std::string>();
  verb->add_option("what", *what, "base-models, local-models, datasets or versions; all of them where it is left out")
      ->check(CLI::IsMember({catalog::base_models, catalog::local_models, catalog::datasets, "versions"}));
  context.on(verb, [what](Context& c) { return run(c, *what); });
}

}  // namespace fair::cli
