#include "native/cluster/cluster_trainer.h"

#include <utility>

#include "native/cluster/job_watch.h"
#include "native/cluster/rank_job.h"

namespace fair::cluster {
namespace {

class ClusterTrainer final : public train::Trainer {
 public:
  ClusterTrainer(Jobs jobs, store::ObjectStore& objects, JobPlan plan) : jobs_(std::move(jobs)), objects_(objects), plan_(std::move(plan)) {}

  Result<train::TrainResult> run(const train::TrainRequest& request, const train::TrainEvents& events) override {
    JobPlan plan = plan_;
    plan.name = job_name("fair-" + request.output.filename().string());
    const std::string key = "jobs/" + plan.name;
    plan.command.push_back(key);
    const RankJob training(objects_, key);
    const auto say = [&](const std::string& line) {
      if (events.log) events.log(line);
    };
    say("job " + plan.name + " at " + jobs_.server().url() + ", " + std::to_string(plan.pods) + " pods, files in " + objects_.name() + "/" + key);
    FAIR_TRY(training.put(request));
    if (Result<> begun = jobs_.begin(plan); !begun) {
      (void)training.clear();
      return fail(std::move(begun).error());
    }
    std::size_t told = 0;
    JobWatch watch;
    watch.say = say;
    watch.stop = events.stop;
    watch.on_look = [&] {
      const auto done = training.epochs();
      for (; done && told < done->size(); ++told) {
        if (events.on_epoch) events.on_epoch((*done)[told]);
      }
    };
    const Result<> waited = wait_for(jobs_, plan.name, watch);
    watch.on_look();
    // Of what did not come to its end the last checkpoint is brought: --resume goes on from there.
    auto out = training.bring(request.output, !waited);
    if (waited) (void)jobs_.cancel(plan.name);  // of a job that failed the pods' logs are worth keeping; it goes by itself
    if (out) (void)training.clear();
    if (!waited && waited.error().code != Code::cancelled) return fail(waited.error());
    return out;
  }

  Result<std::vector<onnx::Tensor>> run_graph(const std::filesystem::path&, const onnx::Tensor&) override { return only_training(); }
  Result<train::TrainingTrial> try_training(const train::TrialRequest&, const onnx::Tensor&) override { return only_training(); }
  std::vector<train::OperatorInfo> operators() const override { return {}; }
  Json build_info() const override { return {{"launcher", "kubernetes"}, {"server", jobs_.server().url()}}; }

 private:
  static tl::unexpected<Error> only_training() {
    return fail(Code::unsupported, "the cluster", "a training", "another task", "use a stack whose launcher is process");
  }

  Jobs jobs_;
  store::ObjectStore& objects_;
  JobPlan plan_;
};

}  // namespace

std::unique_ptr<train::Trainer> cluster_trainer(Jobs jobs, store::ObjectStore& objects, JobPlan plan) {
  return std::make_unique<ClusterTrainer>(std::move(jobs), objects, std::move(plan));
}

}  // namespace fair::cluster
