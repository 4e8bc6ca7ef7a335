#include <CLI/CLI.hpp>

#include "core/base/spelling.h"
#include "native/cli/table.h"
#include "native/cli/verbs.h"
#include "native/plugins/find.h"
#include "native/plugins/verify.h"
#include "plugins/built_in.h"

namespace fair::cli {
namespace {

/// One line of the list: a plugin this program can use, or why not.
struct Entry {
  plugin::Manifest manifest;
  std::string origin, state;
};

Json to_json(const Entry& entry) {
  const plugin::Manifest& m = entry.manifest;
  return {{"name", m.name},
          {"version", m.version},
          {"tasks", m.tasks},
          {"processing", {{"pre", m.pre_processing}, {"post", m.post_processing}}},
          {"platform", m.platform.empty() ? Json(nullptr) : Json(m.platform)},
          {"licence", m.licence},
          {"origin", entry.origin},
          {"state", entry.state}};
}

Result<plugin::Manifest> manifest_of(const plugins::BuiltIn& one) {
  FAIR_TRY_ASSIGN(const Json json, parse_json(one.description, std::string("built-in plugin ") + one.name));
  return plugin::Manifest::from_json(json, one.name);
}

/// In the order they count: the first of a name hides the others.
Result<std::vector<Entry>> all_entries(std::vector<Error>& refused) {
  std::vector<Entry> out;
  auto search = plugins::find(plugins::plugin_path());
  refused = std::move(search.refused);
  const auto hidden = [&](const std::string& name) {
    return std::any_of(out.begin(), out.end(), [&](const Entry& e) { return e.manifest.name == name && e.state == "usable"; });
  };
  for (const plugins::Found& found : search.found) {
    const auto good = plugins::verify(found);
    const std::string state = hidden(found.manifest.name) ? "hidden by one of that name before it" : good ? "usable" : good.error().message();
    out.push_back({found.manifest, found.manifest_path.string(), state});
  }
  for (const plugins::BuiltIn& one : plugins::built_in()) {
    FAIR_TRY_ASSIGN(plugin::Manifest manifest, manifest_of(one));
    manifest.platform = plugins::platform();
    const std::string state = hidden(manifest.name) ? "hidden by one of that name before it" : "usable";
    out.push_back({std::move(manifest), "built in", state});
  }
  return out;
}

Result<Exit> list(Context& context) {
  std::vector<Error> refused;
  FAIR_TRY_ASSIGN(const auto entries, all_entries(refused));
  Json json{{"plugins", Json::array()}, {"refused", Json::array()}};
  std::vector<std::vector<std::string>> rows;
  for (const Entry& e : entries) {
    json["plugins"].push_back(to_json(e));
    rows.push_back({e.manifest.name, e.manifest.version, listed(e.manifest.tasks), e.origin, e.state});
  }
  for (const Error& error : refused) {
    json["refused"].push_back(error.message());
    context.say(error.message());
  }
  context.answer(json, table({"NAME", "VERSION", "TASKS", "ORIGIN", "STATE"}, rows));
  return done;
}

Result<Exit> info(Context& context, const std::string& name) {
  std::vector<Error> refused;
  FAIR_TRY_ASSIGN(const auto entries, all_entries(refused));
  for (const Entry& e : entries) {
    if (e.manifest.name != name) continue;
    context.answer(to_json(e), e.manifest.name + " " + e.manifest.version + " (" + e.origin + ")\n  state    " + e.state + "\n  tasks    " +
                                   listed(e.manifest.tasks) + "\n  pre      " + listed(e.manifest.pre_processing) + "\n  post     " +
                                   listed(e.manifest.post_processing) + "\n  licence  " + e.manifest.licence + "\n  platform " + e.manifest.platform);
    return done;
  }
  std::vector<std::string> names;
  for (const Entry& e : entries) names.push_back(e.manifest.name);
  return fail(Code::not_found, "plugin " + name, "one of " + listed(names), "no such plugin", "name its folder in FAIR_PLUGIN_PATH");
}

}  // namespace

void add_plugins(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("plugins", "Which models this program can run; plugins made, checked and installed");
  verb->require_subcommand(1);
  verb->footer(
      "Plugins are looked for in FAIR_PLUGIN_PATH, the person's own folder, the installed one, and this program itself.\nExample:\n  fair plugins "
      "new "
      "my_model --task segmentation && cd my_model && cmake -B build && cmake --build build && fair plugins check .");
  CLI::App* lists = verb->add_subcommand("list", "Every plugin, where it is from, and whether it can be used");
  lists->footer("Example:\n  FAIR_PLUGIN_PATH=build/fair-plugins fair plugins list");
  context.on(lists, [](Context& c) { return list(c); });
  CLI::App* shows = verb->add_subcommand("info", "What one plugin says of itself");
  shows->footer("Example:\n  fair plugins info unet_segmentation");
  auto name = std::make_shared<std::string>();
  shows->add_option("name", *name, "The plugin's name")->required()->type_name("NAME");
  context.on(shows, [name](Context& c) { return info(c, *name); });
  add_plugins_new(*verb, context);
  add_plugins_check(*verb, context);
  add_plugins_install(*verb, context);
  add_plugins_pipeline(*verb, context);
}

}  // namespace fair::cli
