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
    FAIR_TRY_ASSIGN(const std::string left, left_behind(request.resume));
    const std::string run = request.output.filename().string();
    const std::string key = StoredJob::key_of(left.empty() ? run : left);
    const RankJob training(objects_, key);
    JobPlan plan = plan_;
    plan.name = job_name("fair-" + run);
    plan.command.push_back(key);
    const auto say = [&](const std::string& line) {
      if (events.log) events.log(line);
    };
    if (left.empty()) FAIR_TRY(training.put(request));
    std::string job = plan.name;
    if (!training.done()) {
      auto begun = begin_or_join(jobs_, training, plan, say);
      if (!begun && left.empty()) (void)training.clear();
      FAIR_TRY_ASSIGN(job, std::move(begun));
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
    const Result<> waited = training.done() ? Result<>{} : wait_for(jobs_, job, watch);
    watch.on_look();
    if (!waited && waited.error().code == Code::io && !jobs_.state(job)) return fail(waited.error());  // its pods may be at work
    // Of what did not come to its end the last checkpoint is brought: --resume goes on from there.
    auto out = training.bring(request.output, !waited);
    if (waited) (void)jobs_.cancel(job);  // of a job that failed the pods' logs are worth keeping; it goes by itself
    if (out) (void)training.clear();
    if (!waited && waited.error().code != Code::cancelled) return fail(waited.error());
    return out;
  }

  Result<std::vector<onnx::Tensor>> run_graph(const std::filesystem::path&, const onnx::Tensor&) override { return only_training(); }
  Result<train::TrainingTrial> try_training(const train::TrialRequest&, const onnx::Tensor&) override { return only_training(); }
  std::vector<train::OperatorInfo> operators() const override { return {}; }
  Json build_info() const override { return {{"launcher", "kubernetes"}, {"server", jobs_.server().url()}}; }

 private:
  /// The run that is gone on with, where whoever watched its job went before that came to its end: its files are still there. "" where that run
  /// brought its checkpoint back; Code::not_found where there is neither.
  [[nodiscard]] Result<std::string> left_behind(const std::filesystem::path& resume) const {
    if (resume.empty()) return std::string();
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::is_directory(resume, error) ? resume : resume.parent_path();
    const std::string run = folder.filename().string();
    const RankJob training(objects_, StoredJob::key_of(run));
    FAIR_TRY_ASSIGN(const std::string job, training.job());
    if (!job.empty()) return run;
    if (std::filesystem::exists(resume, error)) return std::string();
    return fail(Code::not_found, "run " + run, "a checkpoint to go on from", "none at " + resume.string() + ", and none in " + training.place(),
                "start anew with --config");
  }

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
