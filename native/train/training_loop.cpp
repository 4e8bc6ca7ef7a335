#include "native/train/training_loop.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include "native/onnx/write.h"
#include "native/train/checkpoint.h"
#include "native/train/gradient_buckets.h"
#include "native/train/half_precision.h"
#include "native/train/schedule.h"
#include "native/train/setting.h"
#include "native/train/weight_average.h"

namespace fair::train {
namespace {

using Clock = std::chrono::steady_clock;
double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::vector<NamedTensor> joined(std::initializer_list<std::vector<NamedTensor>> lists) {
  std::vector<NamedTensor> out;
  for (const auto& list : lists) out.insert(out.end(), list.begin(), list.end());
  return out;
}

class Training {
 public:
  Training(const TrainRequest& request, const TrainEvents& events, TrainingParts parts)
      : request_(request),
        events_(events),
        model_(std::move(parts.model)),
        program_(std::move(parts.program)),
        task_(std::move(parts.task)),
        optimizer_(std::move(parts.optimizer)),
        average_(joined({program_.parameters(), program_.buffers()}), setting<double>(request.plugin, "average", 0.99)),
        device_(parts.device),
        bfloat16_(parts.bfloat16),
        group_(std::move(parts.group)),
        first_(request.rank.first()) {
    const Json& h = request.hyperparameters;
    epochs_ = std::max(1, setting<int>(h, "epochs", 5));
    batch_ = std::max(1, setting<int>(h, "batch_size", 4));
    steps_per_epoch_ = std::max<std::int64_t>(1, (setting<std::int64_t>(h, "samples_per_epoch", 50) + batch_ - 1) / batch_);
    clip_ = setting<double>(h, "max_grad_norm", 1.0);
    if (!group_) return;
    if (request.sync_batch_norm) program_.share_statistics(*group_);
    buckets_.emplace(program_.parameters(), group_, part().share());
  }

  Result<TrainResult> run() {
    const auto start = Clock::now();
    FAIR_TRY(resume());
    if (group_) FAIR_TRY(begin_together());
    const double before = elapsed_before_;
    const double budget = request_.max_minutes * 60.0;
    const Json& h = request_.hyperparameters;
    const std::int64_t planned = epochs_ * steps_per_epoch_;
    const std::int64_t warm_up = std::min<std::int64_t>(100, planned / 10);
    const Schedule schedule(setting<double>(h, "learning_rate", 1e-4), setting<std::string>(h, "scheduler", "cosine") == "cosine", warm_up,
                            budget > 0 && !request_.epochs_limit ? 0 : planned, budget);
    program_.set_training(true);
    double validating = 0;
    Pulse now = agreed({0, false, before + since(start)});
    while (!schedule.over(step_, now.elapsed + (budget > 0 ? validating : 0))) {
      const int epoch = static_cast<int>(step_ / steps_per_epoch_) + 1;
      const auto began = Clock::now();
      const double rate = schedule.rate(step_, now.elapsed);
      const Batch batch = task_->draw(step_, part());
      // PyTorch gives all ranks rank 0's running statistics before every step. Nothing reads them while training, and rank 0 alone validates and
      // writes: its own are what is kept either way.
      const at::Tensor loss = task_->loss(outputs_for(batch), batch);
      loss.backward();
      if (buckets_) buckets_->finish();
      optimizer_.clip(clip_);
      optimizer_.step(rate);
      {
        const c10::NoGradGuard no_grad;
        average_.follow(step_);
      }
      now = agreed({loss.item<double>(), asked_to_stop(), before + since(start)});
      if (!std::isfinite(now.loss)) {
        return fail(Code::invalid, "training", "a finite loss", "step " + std::to_string(step_ + 1) + " gave " + std::to_string(now.loss),
                    "use a smaller learning_rate");
      }
      epoch_loss_ += now.loss;
      ++epoch_steps_;
      ++step_;
      report(schedule, epoch, now.loss, rate, since(began), now.elapsed);
      const bool last = schedule.over(step_, now.elapsed + (budget > 0 ? validating : 0));
      if (step_ % steps_per_epoch_ == 0 || last) {
        if (first_) FAIR_TRY(end_epoch(epoch, now.elapsed));
        const Pulse after = agreed({0, now.stop, before + since(start)});
        validating = after.elapsed - now.elapsed;
        now = after;
      }
      if (!group_) now.stop = asked_to_stop();  // who is alone need not wait for the next step to tell others
      if (now.stop && !last) {
        if (first_) FAIR_TRY(save_last(now.elapsed));
        return result(true, now.elapsed);
      }
    }
    return result(false, now.elapsed);
  }

 private:
  /// What all ranks go by from step to step: the batch's loss, whether one was asked to stop, rank 0's clock.
  struct Pulse {
    double loss;
    bool stop;
    double elapsed;
  };

  [[nodiscard]] bool asked_to_stop() const { return events_.stop != nullptr && events_.stop->load(); }
  [[nodiscard]] BatchPart part() const { return BatchPart::of(batch_, request_.rank.rank, request_.rank.ranks); }

  Pulse agreed(const Pulse& mine) {
    if (!group_) return mine;
    const at::Tensor all = at::tensor({mine.loss * part().share(), mine.stop ? 1.0 : 0.0, first_ ? mine.elapsed : 0.0}, at::kDouble);
    group_->sum(all, "the other ranks to end their step");
    const auto* values = all.data_ptr<double>();
    return {values[0], values[1] > 0, values[2]};
  }

  static std::vector<at::Tensor> values_of(const std::vector<NamedTensor>& tensors) {
    std::vector<at::Tensor> out;
    for (const NamedTensor& t : tensors) out.push_back(t.value);
    return out;
  }

  /// All ranks go on from where rank 0 is.
  Result<> begin_together() {
    const c10::NoGradGuard no_grad;
    group_->spread(values_of(everything()), "rank 0's weights");
    const std::string text = group_->spread(progress(elapsed_before_).dump(), "rank 0's progress");
    FAIR_TRY_ASSIGN(const Json header, parse_json(text, "rank 0's progress"));
    take_up(header);
    return {};
  }
  Tensors outputs_for(const Batch& batch) {
    const HalfPrecision half(device_, bfloat16_);
    Tensors outputs = program_.run(task_->input(batch.pixels.to(device_)));
    for (at::Tensor& output : outputs) {
      if (output.defined()) output = output.to(at::kFloat);
    }
    return outputs;
  }

  void report(const Schedule& schedule, int epoch, double loss, double rate, double seconds, double elapsed) const {
    if (!events_.on_step) return;
    const double done = schedule.progress(step_, elapsed);
    const std::int64_t steps =
        request_.max_minutes > 0 && done > 0 ? static_cast<std::int64_t>(static_cast<double>(step_) / done) : epochs_ * steps_per_epoch_;
    events_.on_step({step_, steps, epoch, loss, rate, seconds});
  }

  Result<> end_epoch(int epoch, double elapsed) {
    const c10::NoGradGuard no_grad;
    average_.swap();
    program_.set_training(false);
    const std::unique_ptr<Score> score = task_->score();
    const std::int64_t samples = task_->validation_samples();
    double loss_sum = 0;
    for (std::int64_t first = 0; first < samples; first += batch_) {
      const Batch batch = task_->validation(first, batch_);
      const Tensors outputs = outputs_for(batch);
      loss_sum += task_->loss(outputs, batch).item<double>() * static_cast<double>(batch.pixels.size(0));
      score->add(outputs, batch);
    }
    EpochReport report;
    report.epoch = epoch;
    report.epochs = std::max(epochs_, epoch);
    report.train_loss = epoch_loss_ / static_cast<double>(std::max<std::int64_t>(epoch_steps_, 1));
    report.val_loss = samples > 0 ? loss_sum / static_cast<double>(samples) : report.train_loss;
    report.metrics = score->metrics();
    const double goodness = samples > 0 ? score->goodness() : -report.train_loss;
    report.best = !(goodness <= best_score_) || best_epoch_ == 0;
    Result<> written;
    if (report.best) {
      best_score_ = goodness;
      best_epoch_ = epoch;
      best_metrics_ = report.metrics;
      written = save_best();
    }
    program_.set_training(true);
    average_.swap();
    FAIR_TRY(std::move(written));
    train_losses_.push_back(report.train_loss);
    val_losses_.push_back(report.val_loss);
    all_metrics_.push_back(report.metrics);
    epoch_loss_ = 0;
    epoch_steps_ = 0;
    FAIR_TRY(save_last(elapsed));
    if (events_.on_epoch) events_.on_epoch(report);
    return {};
  }

  std::filesystem::path onnx_path() const { return request_.output / "model.onnx"; }
  std::filesystem::path weights_path() const { return request_.output / "checkpoint.pt"; }
  std::filesystem::path last_path() const { return request_.output / "last.checkpoint"; }

  Result<> save_best() {
    onnx::Model model = model_;
    program_.write_back(model);
    model.set_metadata("fair.item", request_.metadata.dump());
    FAIR_TRY(onnx::write_model(onnx_path(), model));
    return write_weights(weights_path(), joined({program_.parameters(), program_.frozen(), program_.buffers()}));
  }

  std::vector<NamedTensor> everything() const { return joined({program_.parameters(), program_.buffers(), optimizer_.state(), average_.state()}); }

  Json progress(double elapsed) const {
    return {{"step", step_},
            {"optimizer_steps", optimizer_.steps()},
            {"epoch_loss", epoch_loss_},
            {"epoch_steps", epoch_steps_},
            {"best_score", best_score_},
            {"best_epoch", best_epoch_},
            {"best_metrics", best_metrics_},
            {"train_loss", train_losses_},
            {"val_loss", val_losses_},
            {"metrics", all_metrics_},
            {"elapsed", elapsed}};
  }

  Result<> save_last(double elapsed) const { return write_checkpoint(last_path(), progress(elapsed), everything()); }

  void take_up(const Json& header) {
    step_ = header.value("step", std::int64_t{0});
    optimizer_.set_steps(header.value("optimizer_steps", std::int64_t{0}));
    epoch_loss_ = header.value("epoch_loss", 0.0);
    epoch_steps_ = header.value("epoch_steps", std::int64_t{0});
    best_score_ = header.value("best_score", -1e30);
    best_epoch_ = header.value("best_epoch", 0);
    best_metrics_ = header.value("best_metrics", Json::object());
    train_losses_ = header.value("train_loss", Json::array());
    val_losses_ = header.value("val_loss", Json::array());
    all_metrics_ = header.value("metrics", Json::array());
    elapsed_before_ = header.value("elapsed", 0.0);
  }

  Result<> resume() {
    if (request_.resume.empty() || !first_) return {};
    namespace fs = std::filesystem;
    const fs::path from = fs::is_directory(request_.resume) ? request_.resume / "last.checkpoint" : request_.resume;
    const c10::NoGradGuard no_grad;
    FAIR_TRY_ASSIGN(const Json header, read_checkpoint(from, everything()));
    take_up(header);
    // The best weights so far lie beside the checkpoint; a resumed run writes to its own folder.
    std::error_code error;
    if (from.parent_path() != request_.output) {
      for (const char* const name : {"model.onnx", "checkpoint.pt"}) {
        fs::copy_file(from.parent_path() / name, request_.output / name, fs::copy_options::overwrite_existing, error);
      }
    }
    return {};
  }

  TrainResult result(bool stopped, double elapsed) const {
    TrainResult out;
    out.stopped = stopped;
    out.epochs = static_cast<int>(train_losses_.size());
    out.best_epoch = best_epoch_;
    out.steps = step_;
    out.history = {{"epochs", train_losses_.size()}, {"train_loss", train_losses_}, {"val_loss", val_losses_}, {"metrics", all_metrics_}};
    out.metrics = best_metrics_;
    out.onnx = onnx_path();
    out.checkpoint = weights_path();
    out.last = last_path();
    out.device = device_.str();
    out.precision = bfloat16_ ? "bfloat16" : "float32";
    out.seconds = elapsed;
    return out;
  }

  const TrainRequest& request_;
  const TrainEvents& events_;
  onnx::Model model_;
  Program program_;
  std::unique_ptr<Task> task_;
  Optimizer optimizer_;
  WeightAverage average_;
  at::Device device_;
  bool bfloat16_;
  std::shared_ptr<RankGroup> group_;  ///< null: alone
  std::optional<GradientBuckets> buckets_;
  bool first_;
  int epochs_ = 1, batch_ = 1;
  std::int64_t steps_per_epoch_ = 1;
  double clip_ = 1.0;

  std::int64_t step_ = 0, epoch_steps_ = 0;
  double epoch_loss_ = 0, best_score_ = -1e30, elapsed_before_ = 0;
  int best_epoch_ = 0;
  Json best_metrics_ = Json::object(), train_losses_ = Json::array(), val_losses_ = Json::array(), all_metrics_ = Json::array();
};

}  // namespace

Result<TrainResult> run_training_loop(const TrainRequest& request, const TrainEvents& events, TrainingParts parts) {
  return Training(request, events, std::move(parts)).run();
}

}  // namespace fair::train
