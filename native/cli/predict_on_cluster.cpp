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

/// The shards that a run waits for, and the job that makes them.
struct Work {
  cluster::ShardJob shards;
  std::int64_t count;
  cluster::JobPlan plan;  ///< where nobody is at it
};

Result<Work> work_of(Desk& desk, const std::string& key, const std::string& run, const run::InferenceConfig& config) {
  FAIR_TRY_ASSIGN(cluster::JobPlan plan, stack::job_plan(desk.stack_in_use()));
  plan.name = cluster::job_name("fair-" + run);
  plan.kind = "predict";
  plan.pod_settings = config.pod_settings;
  plan.command = {"fair", "--workspace", "/work", "jobs", "run", key};
  return Work{cluster::ShardJob(*desk.workspace().remote(), key), plan.pods, std::move(plan)};
}

/// The shards, once they are all there, as one file.
Result<std::int64_t> collect(Desk& desk, launch::Recorder& recorder, const Interrupt& interrupt, const Work& work, const std::string& out) {
  FAIR_TRY_ASSIGN(const cluster::Jobs jobs, stack::open_jobs(desk.stack_in_use()));
  std::string job = work.plan.name;
  cluster::JobWatch watch;
  watch.say = [&](const std::string& line) { recorder.log(line); };
  watch.stop = &interrupt.flag();
  FAIR_TRY_ASSIGN(const std::int64_t done, work.shards.done());
  if (done < work.count) {
    FAIR_TRY_ASSIGN(job, cluster::begin_or_join(jobs, work.shards, work.plan, watch.say));
    FAIR_TRY(cluster::wait_for(jobs, job, watch));
  }
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
  (void)jobs.cancel(job);
  FAIR_TRY(work.shards.clear());
  return features;
}

/// Does the run's one step, and answers.
Result<Exit> record(Context& context, Desk& desk, const std::string& model, const run::InferenceConfig& config, const std::string& out,
                    const std::function<Result<Work>(const std::string& run)>& begin) {
  FAIR_TRY_ASSIGN(runs::RunStore * store, desk.runs());
  const auto say = [&](const std::string& line) { context.say(line); };
  const Interrupt interrupt;
  FAIR_TRY_ASSIGN(auto recorder, launch::Recorder::start(*store, "inference", model, config.to_json(), say));
  std::int64_t features = 0, shards = 0;
  const auto step = recorder.step("run_inference", config.inference_params, [&]() -> Result<Json> {
    FAIR_TRY_ASSIGN(const Work work, begin(recorder.id()));
    shards = work.count;
    FAIR_TRY_ASSIGN(features, collect(desk, recorder, interrupt, work, out));
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
  return record(context, desk, wanted.model.id, wanted.config, wanted.out, [&](const std::string& run) -> Result<Work> {
    FAIR_TRY_ASSIGN(Work work, work_of(desk, cluster::StoredJob::key_of(run), run, wanted.config));
    if (wanted.shards > 0) work.count = work.plan.pods = wanted.shards;
    FAIR_TRY(work.shards.put(wanted.model.onnx, runs::to_yaml(wanted.config.to_json()), work.count));
    return work;
  });
}

Result<Exit> resume_on_cluster(Context& context, Desk& desk, const std::string& run, const std::string& out) {
  FAIR_TRY_ASSIGN(runs::RunStore * store, desk.runs());
  FAIR_TRY_ASSIGN(const runs::Run before, store->run(run));
  if (before.kind != "inference")
    return fail(Code::usage, "run " + run, "a prediction", "a " + before.kind, "fair finetune --resume goes on with those");
  FAIR_TRY_ASSIGN(const auto config, run::InferenceConfig::from_json(before.config, "config of run " + run));
  const std::string key = cluster::StoredJob::key_of(before.id);
  const cluster::ShardJob shards(*desk.workspace().remote(), key);
  FAIR_TRY_ASSIGN(const std::int64_t count, shards.count());
  if (count == 0) {
    return fail(Code::not_found, "run " + run, "a prediction whose shards lie in the stack's artifacts", "none in " + shards.place(),
                "fair predict --config repeats a run");
  }
  return record(context, desk, before.name, config, out, [&](const std::string& now) -> Result<Work> {
    FAIR_TRY_ASSIGN(Work work, work_of(desk, key, now, config));
    work.count = count;
    work.plan.pods = static_cast<int>(count);
    return work;
  });
}

}  // namespace fair::cli
