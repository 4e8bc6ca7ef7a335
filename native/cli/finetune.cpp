#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>
#include <thread>

#include "core/catalog/resolve.h"
#include "core/metrics/headline.h"
#include "core/stac/rules.h"
#include "native/cli/desk.h"
#include "native/cli/interrupt.h"
#include "native/cli/overrides.h"
#include "native/cli/progress.h"
#include "native/cli/verbs.h"
#ifdef FAIR_WITH_CURL
#include "native/cluster/cluster_trainer.h"
#endif
#include "native/io/atomic_file.h"
#include "native/launch/datasets.h"
#include "native/launch/environment.h"
#include "native/launch/known_plugins.h"
#include "native/launch/model_choice.h"
#include "native/launch/rank_processes.h"
#include "native/launch/training.h"
#include "native/runs/config_file.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string base, dataset, name, config, resume, device, loss_graph;
  std::vector<std::string> overrides;
  double max_minutes = 0;
  int threads = 0, processes = 0;
  bool sync_batch_norm = false;
  std::int64_t seed = -1;
};

/// The key of key=value, without the prefix of items.
std::string key_of(const std::string& assignment) {
  constexpr std::string_view prefix = "training.";
  const std::string key = assignment.substr(0, assignment.find('='));
  return key.rfind(prefix, 0) == 0 ? key.substr(prefix.size()) : key;
}

/// What only this toolkit needs to repeat the run; given options win over what a config says.
void complete_own_part(Json& own, const Options& options, const Json& hyperparameters) {
  if (!options.device.empty() || !own.contains("device")) own["device"] = options.device.empty() ? "auto" : options.device;
  if (options.threads > 0 || !own.contains("threads")) own["threads"] = options.threads;
  if (options.max_minutes > 0 || !own.contains("max_minutes")) own["max_minutes"] = options.max_minutes;
  for (const std::string& assignment : options.overrides) {
    if (key_of(assignment) == "epochs") own["epochs_limit"] = true;
  }
  if (!options.loss_graph.empty()) own["loss_graph"] = fs::absolute(options.loss_graph).string();
  if (options.sync_batch_norm) own["sync_batch_norm"] = true;
  if (options.seed >= 0) own["seed"] = options.seed;
  if (!own.contains("seed")) own["seed"] = hyperparameters.contains("split_seed") ? hyperparameters["split_seed"] : Json(42);
}

Result<run::TrainingConfig> config_from(const Options& options, Desk& desk, launch::TrainingRequest& request) {
  std::optional<run::TrainingConfig> given;
  if (!options.resume.empty()) {
    FAIR_TRY_ASSIGN(runs::RunStore * store, desk.runs());
    FAIR_TRY_ASSIGN(const runs::Run stopped, store->run(options.resume));
    FAIR_TRY_ASSIGN(given, run::TrainingConfig::from_json(stopped.config, "config of run " + options.resume));
    request.resume = desk.workspace().artifacts() / "runs" / stopped.id / "last.checkpoint";
    std::error_code error;
    if (!desk.on_a_cluster() && !fs::exists(request.resume, error)) {  // there it may lie with the job's files
      return fail(Code::not_found, "run " + options.resume, "a checkpoint to go on from", "none at " + request.resume.string(),
                  "start anew with --config");
    }
  } else if (!options.config.empty()) {
    FAIR_TRY_ASSIGN(const std::string text, io::read_whole(options.config, 16U << 20U));
    FAIR_TRY_ASSIGN(const Json document, runs::from_yaml(text, options.config));
    FAIR_TRY_ASSIGN(given, run::TrainingConfig::from_json(document, options.config));
  }
  const std::string base_name = !options.base.empty() ? options.base : given ? given->base_model_id : "";
  const std::string dataset_name = !options.dataset.empty() ? options.dataset : given ? given->dataset_id : "";
  const std::string model_name = !options.name.empty() ? options.name : given ? given->model_name : "";
  for (const auto& [value, option] : {std::pair{base_name, "--base"}, std::pair{dataset_name, "--dataset"}, std::pair{model_name, "--name"}}) {
    if (value.empty())
      return fail(Code::usage, "finetune", std::string(option) + ", or --config or --resume", "none of them",
                  "fair finetune --help shows an example");
  }
  if (!stac::model_name(model_name)) {
    return fail(Code::usage, "--name", "at least three of letters, digits, '.', '_', '-' and spaces, a letter first, a letter or a digit last",
                model_name, "such names can be published");
  }
  FAIR_TRY_ASSIGN(auto base, catalog::find_model(desk.catalog(), base_name));
  request.base = std::move(base.item);
  FAIR_TRY_ASSIGN(request.dataset, catalog::find_dataset(desk.catalog(), dataset_name));
  FAIR_TRY_ASSIGN(const auto spec, run::HyperparameterSpec::from_item(request.base));
  Json values = Json::object();
  if (given) {
    FAIR_TRY_ASSIGN(const auto checked, spec.with_values(given->hyperparameters));
    values = checked.training;
  }
  FAIR_TRY_ASSIGN(const auto overridden, spec.with(options.overrides));
  if (!given) {
    values = overridden.training;
  } else {
    for (const std::string& assignment : options.overrides) {
      const std::string key = key_of(assignment);
      if (overridden.training.contains(key)) values[key] = overridden.training[key];
    }
  }
  FAIR_TRY_ASSIGN(run::TrainingConfig config,
                  given && options.base.empty() && options.dataset.empty()
                      ? Result<run::TrainingConfig>(*given)
                      : run::training_config(request.base, request.dataset, model_name, run::Hyperparameters{values, spec.defaults().inference},
                                             launch::environment()));
  config.hyperparameters = values;
  config.model_name = model_name;
  complete_own_part(config.extra, options, values);
  return config;
}

/// The figure people compare, with its name.
std::string shown(const Json& metrics) {
  const auto headline = metrics::headline(metrics);
  if (!headline) return "";
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", headline->value);
  return headline->words + " " + text;
}

/// This command as each of its ranks runs it.
Result<std::vector<std::string>> command_of_a_rank(const Options& options) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string line((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (error || line.empty()) return fail(Code::unsupported, "--nproc", "a system with /proc", "none", "start the ranks by hand");
  std::vector<std::string> words;
  for (std::size_t from = 0; from < line.size();) {
    const std::size_t to = std::min(line.find('\0', from), line.size());
    words.push_back(line.substr(from, to - from));
    from = to + 1;
  }
  std::vector<std::string> out{program.string()};
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--nproc") ++i;
    else if (words[i].rfind("--nproc=", 0) != 0) out.push_back(words[i]);
  }
  if (options.threads == 0) {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    out.insert(out.end(), {"--threads", std::to_string(std::max(1U, cores / static_cast<unsigned>(options.processes)))});
  }
  return out;
}

Result<Exit> run_all(Context& context, const Options& options) {
  if (std::getenv("RANK") != nullptr)
    return fail(Code::usage, "--nproc", "to start the ranks itself", "the variable RANK, which makes this one of them", "use one of the two");
  FAIR_TRY_ASSIGN(const auto words, command_of_a_rank(options));
  const Interrupt interrupt;
  FAIR_TRY_ASSIGN(const auto outcome, launch::run_ranks(words, options.processes, interrupt.flag()));
  if (!outcome.fault) return static_cast<Exit>(outcome.status);
  if (outcome.status >= 128) return fail(*outcome.fault);
  // Rank 0 has answered; this says what it could not know.
  context.say(outcome.fault->message());
  return static_cast<Exit>(outcome.status);
}

/// Here, or where the stack's launcher says.
Result<std::unique_ptr<train::Trainer>> trainer_of(Desk& desk, const Options& options, const train::Rank& rank, const run::TrainingConfig& config) {
  if (!desk.on_a_cluster() || !rank.alone()) return train::open_trainer();
#ifdef FAIR_WITH_CURL
  FAIR_TRY_ASSIGN(cluster::Jobs jobs, stack::open_jobs(desk.stack_in_use()));
  FAIR_TRY_ASSIGN(cluster::JobPlan plan, stack::job_plan(desk.stack_in_use()));
  plan.kind = "train";
  plan.together = true;
  if (options.processes > 0) plan.pods = options.processes;
  plan.pod_settings = config.pod_settings;
  plan.command = {"fair", "--workspace", "/work", "jobs", "run"};
  plan.labels["fair.dev/model"] = cluster::job_name(config.model_name);
  return cluster::cluster_trainer(std::move(jobs), *desk.workspace().remote(), std::move(plan));
#else
  (void)options, (void)config;
  return fail(Code::unsupported, "launcher kubernetes", "a build with libcurl", "one without", "use a stack whose launcher is process");
#endif
}

Result<Exit> run(Context& context, const Options& options) {
  FAIR_TRY_ASSIGN(const train::Rank rank, train::Rank::from_environment());
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  launch::TrainingRequest request;
  request.rank = rank;
  FAIR_TRY_ASSIGN(request.config, config_from(options, desk, request));
  // Ranks ask the same of the same words: what is wrong with those is told once, before there are any.
  if (options.processes > 1 && !desk.on_a_cluster()) return run_all(context, options);
  FAIR_TRY_ASSIGN(request.base_model, launch::onnx_of(request.base, &desk.workspace(), {}));
  request.artifacts = desk.workspace().artifacts();
  FAIR_TRY_ASSIGN(const auto tracker, desk.tracker());
  request.tracker = tracker.get();
  FAIR_TRY_ASSIGN(request.versions, desk.versions());
  if (desk.versions_are_shared()) {
    request.share = [&](const fs::path& file) -> Result<> {
      FAIR_TRY(desk.workspace().publish(file));
      return {};
    };
  }
  request.pack = [&] { return launch::packed_dataset(desk.workspace(), request.dataset); };
  FAIR_TRY_ASSIGN(const auto plugins, launch::known_plugins());
  FAIR_TRY_ASSIGN(const auto trainer, trainer_of(desk, options, rank, request.config));
  FAIR_TRY_ASSIGN(runs::RunStore * store, desk.runs());

  const Interrupt interrupt;
  Progress progress(rank.first() ? "finetune" : rank.name(), "steps");
  std::string last_metric;
  launch::TrainingEvents events;
  events.stop = &interrupt.flag();
  events.log = [&](const std::string& line) {
    if (line.rfind("epoch ", 0) != 0 && line.rfind("validation:", 0) != 0) progress.line(line);
  };
  events.on_step = [&](const train::StepReport& s) {
    char note[96];
    std::snprintf(note, sizeof note, "epoch %d  loss %.4f%s%s", s.epoch, s.loss, last_metric.empty() ? "" : "  ", last_metric.c_str());
    progress.update(s.step, s.steps, note);
  };
  events.on_epoch = [&](const train::EpochReport& e) {
    last_metric = shown(e.metrics);
    char line[160];
    std::snprintf(line, sizeof line, "epoch %d/%d  train loss %.4f  validation loss %.4f  %s%s", e.epoch, e.epochs, e.train_loss, e.val_loss,
                  last_metric.c_str(), e.best ? "  best so far" : "");
    progress.line(line);
  };
  FAIR_TRY_ASSIGN(const auto outcome, launch::run_training(request, *store, plugins, *trainer, events));
  progress.finish();

  Json json{{"run", outcome.run_id},           {"model", request.config.model_name}, {"stopped", outcome.stopped},
            {"seconds", outcome.seconds},      {"device", outcome.training.device},  {"precision", outcome.training.precision},
            {"steps", outcome.training.steps}, {"epochs", outcome.training.epochs}};
  if (!rank.first()) {
    json["rank"] = rank.rank;
    context.answer(json, rank.name() + (outcome.stopped ? " stopped" : " has done its part; rank 0 keeps the run"));
    return outcome.stopped ? failed : done;
  }
  if (outcome.stopped) {
    json["version"] = nullptr;
    context.answer(json, "stopped; `fair finetune --resume " + outcome.run_id + "` goes on");
    return failed;
  }
  json["version"] = outcome.version.number;
  json["best_epoch"] = outcome.training.best_epoch;
  json["metrics"] = outcome.evaluation;
  json["artifacts"] = outcome.version.artifacts;
  context.answer(json, request.config.model_name + " v" + std::to_string(outcome.version.number) + ", run " + outcome.run_id + ": " +
                           shown(outcome.evaluation) + " on the validation part\n`fair promote " + request.config.model_name + " " +
                           std::to_string(outcome.version.number) + "` publishes it");
  return done;
}

}  // namespace

void add_finetune(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("finetune", "Train a base model, or a finetuned one, on a dataset");
  verb->footer(
      "Compatibility is checked first. Ctrl-C writes a checkpoint and ends the run as stopped.\n"
      "Several ranks train one model on disjoint parts of each batch; batch_size and samples_per_epoch count all of them, so the result does not\n"
      "depend on how many there are but for batch statistics, which are each rank's own. On several machines start the same command on each with\n"
      "torchrun's variables set: MASTER_ADDR, MASTER_PORT, RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE. Rank 0 keeps the run.\n"
      "Example:\n  fair finetune --base unet-segmentation-small --dataset town --name town-buildings --set epochs=20 --max-minutes 10");
  auto options = std::make_shared<Options>();
  verb->add_option("--base", options->base, "The model to start from")->type_name("ID");
  verb->add_option("--dataset", options->dataset, "The dataset to learn from")->type_name("ID");
  verb->add_option("--name", options->name, "The finetuned model's name")->type_name("NAME");
  verb->add_option("--config", options->config, "Repeat the run of this config (fair runs show RUN --config)")
      ->type_name("YAML")
      ->check(CLI::ExistingFile);
  verb->add_option("--resume", options->resume, "Go on with a stopped run, or with one whose job on a cluster was left behind")->type_name("RUN");
  add_overrides(verb, options->overrides);
  verb->add_option("--max-minutes", options->max_minutes, "Fit the schedule into this time; with --set epochs=N, whichever ends first")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  verb->add_option("--loss-graph", options->loss_graph,
                   "A loss of your own: an ONNX graph of two inputs, logits and target, and one value; in place of the loss by name")
      ->type_name("LOSS.onnx")
      ->check(CLI::ExistingFile);
  verb->add_option("--device", options->device, "auto, cpu or cuda")->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  verb->add_option("--threads", options->threads, "Processor threads, of each rank; all where it is left out")->check(CLI::Range(1, 1024));
  verb->add_option("--nproc", options->processes,
                   "Train with this many ranks: processes on this machine, or pods where the stack's launcher is kubernetes")
      ->type_name("N")
      ->check(CLI::Range(1, 256));
  verb->add_flag("--sync-batch-norm", options->sync_batch_norm, "Batch statistics of all ranks' samples, not of each rank's own");
  verb->add_option("--seed", options->seed, "Fixes what is drawn at random; the item's split_seed where it is left out")
      ->check(CLI::NonNegativeNumber);
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
