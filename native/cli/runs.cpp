#include <CLI/CLI.hpp>

#include "native/cli/desk.h"
#include "native/cli/table.h"
#include "native/cli/verbs.h"
#include "native/runs/config_file.h"

namespace fair::cli {
namespace {

const char* word(runs::Status status) {
  switch (status) {
    case runs::Status::running: return "running";
    case runs::Status::completed: return "completed";
    case runs::Status::failed: return "failed";
    case runs::Status::stopped: return "stopped";
  }
  return "";
}

Json brief(const runs::Run& run) {
  return {{"id", run.id},
          {"kind", run.kind},
          {"name", run.name},
          {"status", word(run.status)},
          {"started_at", run.started_at},
          {"ended_at", run.ended_at}};
}

Result<Exit> list(Context& context) {
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  FAIR_TRY_ASSIGN(runs::RunStore * store, desk.runs());
  FAIR_TRY_ASSIGN(const auto all, store->runs());
  Json json = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const runs::Run& run : all) {
    json.push_back(brief(run));
    rows.push_back({run.id, run.kind, word(run.status), run.started_at, run.name});
  }
  context.answer({{"runs", json}}, rows.empty() ? "no runs yet" : table({"RUN", "KIND", "STATUS", "STARTED", "NAME"}, rows));
  return done;
}

Result<Exit> show(Context& context, const std::string& id, bool config_only) {
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  FAIR_TRY_ASSIGN(runs::RunStore * store, desk.runs());
  FAIR_TRY_ASSIGN(const runs::Run run, store->run(id));
  if (config_only) {
    context.answer(run.config, runs::to_yaml(run.config));
    return done;
  }
  Json json = brief(run);
  json["error"] = run.error.empty() ? Json(nullptr) : Json(run.error);
  json["metadata"] = run.metadata;
  json["config"] = run.config;
  json["steps"] = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const runs::Step& s : run.steps) {
    json["steps"].push_back({{"name", s.name},
                             {"status", word(s.status)},
                             {"started_at", s.started_at},
                             {"ended_at", s.ended_at},
                             {"parameters", s.parameters},
                             {"artifacts", s.artifacts}});
    rows.push_back({s.name, word(s.status), s.started_at, s.ended_at});
  }
  std::string text = "run " + run.id + ", " + run.kind + " of " + run.name + ", " + word(run.status) + "\n";
  if (!run.error.empty()) text += "error: " + run.error + "\n";
  text += table({"STEP", "STATUS", "STARTED", "ENDED"}, rows);
  if (!run.metadata.empty()) text += "metadata: " + run.metadata.dump(2) + "\n";
  context.answer(json, text + "`fair runs show " + run.id + " --config` prints the config that repeats it");
  return done;
}

Result<Exit> log(Context& context, const std::string& id) {
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  FAIR_TRY_ASSIGN(runs::RunStore * store, desk.runs());
  FAIR_TRY_ASSIGN(const runs::Run run, store->run(id));
  FAIR_TRY_ASSIGN(const auto lines, store->log_lines(run.id));
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  context.answer({{"run", run.id}, {"lines", lines}}, text);
  return done;
}

}  // namespace

void add_runs(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("runs", "What has run: training and inference, step by step");
  verb->require_subcommand(1);
  verb->footer("Example:\n  fair runs list\n  fair runs show 20260115-101530-3f9a --config > again.yaml");
  context.on(verb->add_subcommand("list", "All runs, the newest first"), list);

  CLI::App* one = verb->add_subcommand("show", "One run: its steps, what they made, its metadata and config");
  auto id = std::make_shared<std::string>();
  auto config_only = std::make_shared<bool>(false);
  one->add_option("run", *id, "The run's id")->required()->type_name("RUN");
  one->add_flag("--config", *config_only, "Only the config, as YAML that --config takes back");
  context.on(one, [id, config_only](Context& c) { return show(c, *id, *config_only); });

  CLI::App* lines = verb->add_subcommand("log", "What a run said");
  lines->add_option("run", *id, "The run's id")->required()->type_name("RUN");
  context.on(lines, [id](Context& c) { return log(c, *id); });
}

}  // namespace fair::cli
