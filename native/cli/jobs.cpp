#include "native/cluster/jobs.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>

#include "native/cli/desk.h"
#include "native/cli/hand.h"
#include "native/cli/interrupt.h"
#include "native/cli/table.h"
#include "native/cli/verbs.h"
#include "native/cluster/rank_job.h"
#include "native/cluster/shard_job.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

Result<cluster::Jobs> jobs_here(const Context& context) {
  FAIR_TRY_ASSIGN(const stack::Stack stack, stack_here(context));
  return stack::open_jobs(stack);
}

Json json_of(const std::string& name, const cluster::JobState& state) {
  Json out{{"job", name},
           {"phase", cluster::name(state.phase)},
           {"pods", state.pods},
           {"active", state.active},
           {"succeeded", state.succeeded},
           {"failures", state.failures},
           {"why", state.why.empty() ? Json() : Json(state.why)},
           {"each", Json::array()}};
  for (const cluster::PodState& pod : state.each) {
    out["each"].push_back({{"pod", pod.name}, {"index", pod.index}, {"phase", pod.phase}, {"why", pod.why.empty() ? Json() : Json(pod.why)}});
  }
  return out;
}

Result<Exit> list(Context& context) {
  FAIR_TRY_ASSIGN(const cluster::Jobs jobs, jobs_here(context));
  FAIR_TRY_ASSIGN(const auto all, jobs.list());
  Json json = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, state] : all) {
    json.push_back(json_of(name, state));
    rows.push_back(
        {name, cluster::name(state.phase), std::to_string(state.succeeded) + "/" + std::to_string(state.pods), std::to_string(state.failures)});
  }
  context.answer({{"jobs", json}}, rows.empty() ? "no jobs" : table({"JOB", "PHASE", "DONE", "FAILURES"}, rows));
  return done;
}

Result<Exit> status(Context& context, const std::string& name) {
  FAIR_TRY_ASSIGN(const cluster::Jobs jobs, jobs_here(context));
  FAIR_TRY_ASSIGN(const cluster::JobState state, jobs.state(name));
  std::string text = name + " " + cluster::name(state.phase) + (state.why.empty() ? "" : ": " + state.why) + "\n";
  std::vector<std::vector<std::string>> rows;
  for (const cluster::PodState& pod : state.each) rows.push_back({std::to_string(pod.index), pod.phase, pod.name, pod.why});
  context.answer(json_of(name, state), text + (rows.empty() ? "no pods" : table({"INDEX", "PHASE", "POD", "WHY"}, rows)));
  return state.phase == cluster::JobPhase::failed ? failed : done;
}

Result<Exit> log(Context& context, const std::string& name, int index) {
  FAIR_TRY_ASSIGN(const cluster::Jobs jobs, jobs_here(context));
  FAIR_TRY_ASSIGN(const std::string text, jobs.log(name, index));
  context.answer({{"job", name}, {"index", index}, {"text", text}}, text);
  return done;
}

Result<Exit> cancel(Context& context, const std::string& name) {
  FAIR_TRY_ASSIGN(const cluster::Jobs jobs, jobs_here(context));
  FAIR_TRY(jobs.state(name));
  FAIR_TRY(jobs.cancel(name));
  context.answer({{"job", name}, {"cancelled", true}}, name + " is taken away; its pods are asked to stop");
  return done;
}

/// A shard of a prediction, as fair predict makes it.
Result<Exit> run_shard(Context& context, store::ObjectStore& objects, const std::string& key, const std::string& index) {
  const char* count = std::getenv("SHARDS");
  const std::string share = index + "/" + (count == nullptr ? "1" : count);
  Hand hand(context.workspace, [&](const std::string& text) { context.say(text); });
  const auto predict = [&](const fs::path& model, const fs::path& config, const fs::path& out) -> Result<> {
    FAIR_TRY(hand.type({"predict", "--config", config.string(), "--model", model.string(), "--shard", share, "--out", out.string()}));
    return {};
  };
  FAIR_TRY(cluster::ShardJob(objects, key).run(std::atoll(index.c_str()), fs::path(context.workspace) / ("shard-" + index), predict));
  context.answer({{"key", key}, {"shard", share}}, "shard " + share + " is done");
  return done;
}

Result<Exit> run(Context& context, const std::string& key) {
  FAIR_TRY_ASSIGN(const train::Rank rank, train::Rank::from_environment());
  FAIR_TRY_ASSIGN(const stack::Stack stack, stack_here(context));
  FAIR_TRY_ASSIGN(const auto objects, stack::open_artifacts(stack));
  if (!objects)
    return fail(Code::usage, "stack " + stack.name, "artifacts in a place that all machines reach", "a folder of this one", "use kind = \"s3\"");
  if (const char* shard = std::getenv("SHARD"); shard != nullptr) return run_shard(context, *objects, key, shard);
  FAIR_TRY_ASSIGN(const auto trainer, train::open_trainer());
  const Interrupt interrupt;
  const cluster::RankJob training(*objects, key);
  const auto say = [&](const std::string& line) { context.say(line); };
  const fs::path folder = fs::path(context.workspace) / ("rank-" + std::to_string(rank.rank));
  FAIR_TRY_ASSIGN(const auto result, training.run(*trainer, rank, folder, say, &interrupt.flag()));
  context.answer({{"key", key}, {"rank", rank.rank}, {"steps", result.steps}, {"stopped", result.stopped}},
                 rank.name() + (result.stopped ? " stopped; a checkpoint is stored" : " is done"));
  // A pod that was stopped is to be begun again.
  return result.stopped ? failed : done;
}

}  // namespace

void add_jobs(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("jobs", "What runs on the stack's cluster");
  verb->require_subcommand(1);
  verb->footer(
      "`fair finetune`, and `fair predict` of tiles, begin jobs where the stack's launcher is kubernetes.\n"
      "They go on without the program that began them: `fair finetune --resume RUN` or `fair predict --resume RUN` watches job fair-RUN again and\n"
      "keeps what it makes.\n"
      "Example:\n  fair jobs list\n  fair jobs status fair-20260115-101530-3f9a && fair jobs log fair-20260115-101530-3f9a --pod 2");
  context.on(verb->add_subcommand("list", "This program's jobs"), list);
  auto name = std::make_shared<std::string>();
  auto index = std::make_shared<int>(0);
  CLI::App* sub = verb->add_subcommand("status", "How a job and its pods are; exit status 1 where it failed");
  sub->add_option("job", *name, "The job's name")->required()->type_name("JOB");
  context.on(sub, [name](Context& c) { return status(c, *name); });
  sub = verb->add_subcommand("log", "What a pod of it says");
  sub->add_option("job", *name, "The job's name")->required()->type_name("JOB");
  sub->add_option("--pod", *index, "Rank or shard")->capture_default_str()->check(CLI::NonNegativeNumber);
  context.on(sub, [name, index](Context& c) { return log(c, *name, *index); });
  sub = verb->add_subcommand("cancel", "Stop it and take it away; ranks store a checkpoint first");
  sub->add_option("job", *name, "The job's name")->required()->type_name("JOB");
  context.on(sub, [name](Context& c) { return cancel(c, *name); });
  sub = verb->add_subcommand(
      "run",
      "What a pod does: its part of what lies under KEY of the stack's artifacts, as one rank (RANK, WORLD_SIZE …) or one shard (SHARD, SHARDS)");
  sub->add_option("key", *name, "jobs/RUN")->required()->type_name("KEY");
  context.on(sub, [name](Context& c) { return run(c, *name); });
}

}  // namespace fair::cli
