#include <CLI/CLI.hpp>
#include <iomanip>
#include <sstream>

#include "native/cli/desk.h"
#include "native/cli/table.h"
#include "native/cli/verbs.h"
#include "native/stack/check.h"

namespace fair::cli {
namespace {

Json json_of(const stack::Component& component) {
  Json out{{"kind", component.kind}};
  for (const auto& [key, value] : component.settings) out[key] = value;
  return out;
}

Json json_of(const stack::Stack& stack, bool chosen) {
  Json out{{"name", stack.name}, {"chosen", chosen}};
  for (const char* part : stack::part_names) out[part] = json_of(stack.part(part));
  return out;
}

std::string text_of(const char* part, const stack::Component& component) {
  std::string out = std::string("  ") + part + ": " + component.kind;
  for (const auto& [key, value] : component.settings) out += ", " + key + " " + value;
  return out + "\n";
}

Result<Exit> list(Context& context) {
  FAIR_TRY_ASSIGN(const store::Workspace workspace, store::Workspace::open(context.workspace));
  FAIR_TRY_ASSIGN(const stack::Configuration configuration, stack::read_configuration(workspace.folder()));
  FAIR_TRY_ASSIGN(const stack::Stack chosen, chosen_stack(context, workspace));
  Json json = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const stack::Stack& one : configuration.stacks) {
    const bool mine = one.name == chosen.name;
    json.push_back(json_of(one, mine));
    std::vector<std::string> row{mine ? "*" : " ", one.name};
    for (const char* const part : stack::part_names) row.push_back(one.part(part).kind);
    rows.push_back(std::move(row));
  }
  const std::string file = configuration.file.empty() ? "no fair.toml: only the local stack\n" : "from " + configuration.file.string() + "\n";
  context.answer({{"file", configuration.file.empty() ? Json() : Json(configuration.file.string())}, {"stacks", json}},
                 table({" ", "STACK", "CATALOG", "ARTIFACTS", "VERSIONS", "IMAGES", "TRACKER", "LAUNCHER"}, rows) + file);
  return done;
}

Result<stack::Stack> named(Context& context, const store::Workspace& workspace, const std::string& name) {
  if (name.empty()) return chosen_stack(context, workspace);
  FAIR_TRY_ASSIGN(const stack::Configuration configuration, stack::read_configuration(workspace.folder()));
  return stack::choose(configuration, name);
}

Result<Exit> show(Context& context, const std::string& name) {
  FAIR_TRY_ASSIGN(const store::Workspace workspace, store::Workspace::open(context.workspace));
  FAIR_TRY_ASSIGN(const stack::Stack one, named(context, workspace, name));
  FAIR_TRY_ASSIGN(const stack::Stack chosen, chosen_stack(context, workspace));
  std::string text = one.name + "\n";
  for (const char* part : stack::part_names) text += text_of(part, one.part(part));
  context.answer(json_of(one, one.name == chosen.name), text);
  return done;
}

Result<Exit> use(Context& context, const std::string& name) {
  FAIR_TRY_ASSIGN(store::Workspace workspace, store::Workspace::open(context.workspace));
  FAIR_TRY_ASSIGN(const stack::Stack one, named(context, workspace, name));
  FAIR_TRY(workspace.prefer(one.name));
  context.answer({{"stack", one.name}, {"workspace", workspace.folder().string()}},
                 "verbs on " + workspace.folder().string() + " use stack " + one.name);
  return done;
}

Result<Exit> check(Context& context, const std::string& name) {
  FAIR_TRY_ASSIGN(store::Workspace workspace, store::Workspace::open(context.workspace));
  FAIR_TRY_ASSIGN(const stack::Stack one, named(context, workspace, name));
  const auto verdicts = stack::check(one, workspace, [&](const std::string& part) { context.say("trying " + part); });
  Json json = Json::array();
  std::string text;
  bool good = true;
  for (const stack::Verdict& v : verdicts) {
    good = good && v.good;
    json.push_back({{"part", v.part}, {"kind", v.kind}, {"good", v.good}, {"said", v.said}, {"seconds", v.seconds}});
    std::ostringstream line;
    line << (v.good ? "ok    " : "WRONG ") << v.part << " (" << v.kind << ", " << std::fixed << std::setprecision(2) << v.seconds << " s): " << v.said
         << "\n";
    text += line.str();
  }
  context.answer({{"stack", one.name}, {"good", good}, {"parts", json}}, text);
  return good ? done : findings;
}

}  // namespace

void add_stack(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("stack", "Which catalogue, place for artifacts, tracker and launcher the verbs use");
  verb->require_subcommand(1);
  verb->footer(
      "Stacks stand in fair.toml, of this folder, of the workspace or of ~/.config/fair-edge ($FAIR_CONFIG names another):\n"
      "  [stack.production.catalog]\n  kind = \"stac-api\"\n  url = \"https://stac.example.org\"\n  token_env = \"STAC_TOKEN\"\n"
      "  [stack.production.artifacts]\n  kind = \"s3\"\n  bucket = \"models\"\n  endpoint = \"https://s3.example.org\"\n"
      "  [stack.production.launcher]\n  kind = \"kubernetes\"\n  image = \"registry.example.org/fair-edge/train:1\"\n"
      "Example:\n  fair stack check production && fair stack use production");
  CLI::App* one = verb->add_subcommand("list", "The stacks there are; * marks the one in use");
  context.on(one, [](Context& c) { return list(c); });
  const auto with_name = [&](const char* word, const char* help, bool needed, Result<Exit> (*work)(Context&, const std::string&)) {
    CLI::App* sub = verb->add_subcommand(word, help);
    auto name = std::make_shared<std::string>();
    auto* option = sub->add_option("name", *name, needed ? "A stack" : "A stack; without: the one in use")->type_name("NAME");
    if (needed) option->required();
    context.on(sub, [name, work](Context& c) { return work(c, *name); });
  };
  with_name("show", "What a stack consists of", false, show);
  with_name("use", "Make it the one this workspace's verbs use", true, use);
  with_name("check", "Reach every part, try a round trip, and say in a line each what is wrong", false, check);
}

}  // namespace fair::cli
