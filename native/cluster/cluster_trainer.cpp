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
    JobPlan plan = plan_;
    plan.name = job_name("fair-" + request.output.filename().string());
    const std::string key = "jobs/" + (left.empty() ? plan.name : left);
    plan.command.push_back(key);
    const RankJob training(objects_, key);
    const auto say = [&](const std::string& line) {
      if (events.log) events.log(line);
    };
    if (!left.empty() && !goes_by_itself(left, training)) {
      // Its ranks go on from the checkpoint that they stored there.
      FAIR_TRY(begin(plan, say));
    } else if (!left.empty()) {
      plan.name = left;
      say("job " + left + " was left behind; goes on with it, files in " + objects_.name() + "/" + key);
    } else {
      FAIR_TRY(training.put(request));
      if (Result<> begun = begin(plan, say); !begun) {
        (void)training.clear();
        return fail(std::move(begun).error());
      }
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
    const Result<> waited = training.done() ? Result<>{} : wait_for(jobs_, plan.name, watch);
    watch.on_look();
    if (!waited && waited.error().code == Code::io && !jobs_.state(plan.name)) {
      Error lost = waited.error();
      lost.hint = "the job may go on without this program; --resume " + request.output.filename().string() + " finds it again";
      return fail(std::move(lost));
    }
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
  /// The job of the run that is gone on with, where whoever watched it went before it came to its end: its files are still there. "" where that run
  /// brought its checkpoint back; Code::not_found where there is neither.
  [[nodiscard]] Result<std::string> left_behind(const std::filesystem::path& resume) const {
    if (resume.empty()) return std::string();
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::is_directory(resume, error) ? resume : resume.parent_path();
    std::string name = job_name("fair-" + folder.filename().string());
    FAIR_TRY_ASSIGN(const bool there, RankJob(objects_, "jobs/" + name).there());
    if (there) return name;
    if (std::filesystem::exists(resume, error)) return std::string();
    return fail(Code::not_found, "run " + folder.filename().string(), "a checkpoint to go on from",
                "none at " + resume.string() + ", and none in " + objects_.name() + "/jobs/" + name, "start anew with --config");
  }

  /// It is done, or its pods are at work.
  [[nodiscard]] bool goes_by_itself(const std::string& name, const RankJob& training) const {
    if (training.done()) return true;
    const auto state = jobs_.state(name);
    return state && state->phase != JobPhase::failed;
  }

  Result<> begin(const JobPlan& plan, const std::function<void(const std::string&)>& say) const {
    say("job " + plan.name + " at " + jobs_.server().url() + ", " + std::to_string(plan.pods) + " pods, files in " + objects_.name() + "/" +
        plan.command.back());
    return jobs_.begin(plan);
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
