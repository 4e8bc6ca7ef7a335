#include "native/cli/predict_on_cluster.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "native/cli/interrupt.h"
#include "native/cluster/job_watch.h"
#include "native/cluster/shard_job.h"
#include "native/infer/shard_file.h"
#include "native/io/feature_file.h"
#include "native/launch/recorder.h"
#include "native/runs/config_file.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

cluster::JobPlan plan_of(cluster::JobPlan plan, const std::string& run, const run::InferenceConfig& config, const std::string& key) {
  plan.name = cluster::job_name("fair-" + run);
  plan.kind = "predict";
  plan.pod_settings = config.pod_settings;
  plan.command = {"fair", "--workspace", "/work", "jobs", "run", key};
  return plan;
}

/// What a run waits for, and where its shards lie.
struct Work {
  const cluster::Jobs& jobs;
  const cluster::ShardJob& shards;
  std::string job;
  std::int64_t count;
};

/// The shards, once they are all there, as one file.
Result<std::int64_t> collect(Desk& desk, launch::Recorder& recorder, const Work& work, const std::string& out) {
  const Interrupt interrupt;
  cluster::JobWatch watch;
  watch.say = [&](const std::string& line) { recorder.log(line); };
  watch.stop = &interrupt.flag();
  FAIR_TRY_ASSIGN(const std::int64_t done, work.shards.done());
  if (done < work.count) FAIR_TRY(cluster::wait_for(work.jobs, work.job, watch));
  const fs::path folder = desk.workspace().artifacts() / "runs" / recorder.id();
  std::error_code error;
  fs::create_directories(folder, error);
  FAIR_TRY_ASSIGN(const auto files, work.shards.bring(work.count, folder));
  const auto sink = [&](const infer::ShardHeader& header) -> Result<std::unique_ptr<infer::FeatureSink>> {
    FAIR_TRY_ASSIGN(const auto model, stac::ModelSpec::from_metadata(header.model, "the shards' model"));
    return io::open_feature_file(out, model.output.name, model.id);
  };
  FAIR_TRY_ASSIGN(const std::int64_t features, infer::merge_shards(files, sink));
  fs::remove_all(folder, error);
  (void)work.jobs.cancel(work.job);
  FAIR_TRY(work.shards.clear());
  return features;
}

/// Does the run's one step, and answers.
Result<Exit> record(Context& context, Desk& desk, const std::string& model, const run::InferenceConfig& config, const std::string& out,
                    const std::function<Result<Work>(launch::Recorder&)>& begin) {
  FAIR_TRY_ASSIGN(runs::RunStore * store, desk.runs());
  const auto say = [&](const std::string& line) { context.say(line); };
  FAIR_TRY_ASSIGN(auto recorder, launch::Recorder::start(*store, "inference", model, config.to_json(), say));
  std::int64_t features = 0, shards = 0;
  const auto step = recorder.step("run_inference", config.inference_params, [&]() -> Result<Json> {
    FAIR_TRY_ASSIGN(const Work work, begin(recorder));
    shards = work.count;
    FAIR_TRY_ASSIGN(features, collect(desk, recorder, work, out));
    return Json{{"features", features}, {"shards", shards}};
  });
  if (!step) return fail(recorder.fail(step.error()));
  const std::string run = recorder.id();
  FAIR_TRY(recorder.complete());
  if (out == "-") {
    context.say(std::to_string(features) + " features");
    return done;
  }
  context.answer({{"run", run}, {"model", model}, {"images", config.input_images}, {"file", out}, {"features", features}, {"shards", shards}},
                 out + ": " + std::to_string(features) + " features from " + std::to_string(shards) + " shards, run " + run);
  return done;
}

}  // namespace

Result<Exit> predict_on_cluster(Context& context, Desk& desk, const ClusterPrediction& wanted) {
  FAIR_TRY_ASSIGN(const cluster::Jobs jobs, stack::open_jobs(desk.stack_in_use()));
  FAIR_TRY_ASSIGN(cluster::JobPlan usual, stack::job_plan(desk.stack_in_use()));
  if (wanted.shards > 0) usual.pods = wanted.shards;
  std::optional<cluster::ShardJob> shards;
  return record(context, desk, wanted.model.id, wanted.config, wanted.out, [&](launch::Recorder& recorder) -> Result<Work> {
    const std::string key = "jobs/" + cluster::job_name("fair-" + recorder.id());
    const cluster::JobPlan plan = plan_of(usual, recorder.id(), wanted.config, key);
    shards.emplace(*desk.workspace().remote(), key);
    FAIR_TRY(shards->put(wanted.model.onnx, runs::to_yaml(wanted.config.to_json()), plan.pods));
    FAIR_TRY(jobs.begin(plan));
    recorder.log("job " + plan.name + " at " + jobs.server().url() + ", " + std::to_string(plan.pods) + " shards");
    return Work{jobs, *shards, plan.name, plan.pods};
  });
}

Result<Exit> resume_on_cluster(Context& context, Desk& desk, const std::string& run, const std::string& out) {
  FAIR_TRY_ASSIGN(const cluster::Jobs jobs, stack::open_jobs(desk.stack_in_use()));
  FAIR_TRY_ASSIGN(const cluster::JobPlan usual, stack::job_plan(desk.stack_in_use()));
  FAIR_TRY_ASSIGN(runs::RunStore * store, desk.runs());
  FAIR_TRY_ASSIGN(const runs::Run before, store->run(run));
  FAIR_TRY_ASSIGN(const auto config, run::InferenceConfig::from_json(before.config, "config of run " + run));
  const std::string job = cluster::job_name("fair-" + before.id), key = "jobs/" + job;
  const cluster::ShardJob shards(*desk.workspace().remote(), key);
  FAIR_TRY_ASSIGN(const std::int64_t count, shards.count());
  if (count == 0) {
    return fail(Code::not_found, "run " + run, "a prediction whose shards lie in the stack's artifacts",
                before.kind == "inference" ? "none at " + key : "a " + before.kind, "fair predict --config repeats a run");
  }
  return record(context, desk, before.name, config, out, [&](launch::Recorder& recorder) -> Result<Work> {
    FAIR_TRY_ASSIGN(const std::int64_t done, shards.done());
    const auto state = jobs.state(job);
    if (done == count || (state && state->phase != cluster::JobPhase::failed)) {
      recorder.log("job " + job + " was left behind; goes on with it, " + std::to_string(done) + " of " + std::to_string(count) + " shards are done");
      return Work{jobs, shards, job, count};
    }
    cluster::JobPlan plan = plan_of(usual, recorder.id(), config, key);
    plan.pods = static_cast<int>(count);
    FAIR_TRY(jobs.begin(plan));
    recorder.log("job " + plan.name + " at " + jobs.server().url() + ", " + std::to_string(count - done) + " of " + std::to_string(count) +
                 " shards are left");
    return Work{jobs, shards, plan.name, count};
  });
}

}  // namespace fair::cli
