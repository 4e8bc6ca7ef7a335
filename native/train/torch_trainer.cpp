#include "native/train/torch_trainer.h"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <thread>
#include <utility>

#include "core/metrics/confusion.h"
#include "core/stac/model_spec.h"
#include "native/io/atomic_file.h"
#include "native/onnx/read.h"
#include "native/onnx/write.h"
#include "native/train/checkpoint.h"
#include "native/train/loss.h"
#include "native/train/memory.h"
#include "native/train/optimizer.h"
#include "native/train/program.h"
#include "native/train/sampler.h"
#include "native/train/schedule.h"
#include "native/train/tensor_layout.h"
#include "native/train/weight_average.h"

namespace fair::train {
namespace {

using Clock = std::chrono::steady_clock;
double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

template <class T>
T value_or(const Json& object, const char* key, T otherwise) {
  if (!object.is_object()) return otherwise;
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return otherwise;
  if constexpr (std::is_same_v<T, std::string>) return found->is_string() ? found->template get<T>() : otherwise;
  else if constexpr (std::is_same_v<T, bool>) return found->is_boolean() ? found->template get<T>() : otherwise;
  else return found->is_number() ? found->template get<T>() : otherwise;
}

std::vector<std::string> frozen_prefixes(const TrainRequest& request) {
  if (!value_or<bool>(request.hyperparameters, "freeze_encoder", false) || !request.plugin.contains("parameter_groups")) return {};
  std::vector<std::string> out;
  for (const Json& prefix : request.plugin["parameter_groups"].value("encoder", Json::array())) out.push_back(prefix.get<std::string>());
  return out;
}

Result<at::Device> device_for(const std::string& name) {
  const bool cuda = at::hasCUDA();
  if (name == "cpu" || (name == "auto" && !cuda)) return at::Device(at::kCPU);
  if (name == "auto" || name == "cuda") {
    if (cuda) return at::Device(at::kCUDA);
    return fail(Code::unsupported, "device cuda", "a GPU and a LibTorch built for it", "neither in this build or machine",
                "use --device cpu or auto");
  }
  return fail(Code::usage, "device", "auto, cpu or cuda", name, "");
}

std::vector<NamedTensor> joined(std::initializer_list<std::vector<NamedTensor>> lists) {
  std::vector<NamedTensor> out;
  for (const auto& list : lists) out.insert(out.end(), list.begin(), list.end());
  return out;
}

class Training {
 public:
  Training(const TrainRequest& request, const TrainEvents& events, onnx::Model model, Program program, Sampler sampler, Loss loss,
           Optimizer optimizer, TensorLayout layout, at::Device device)
      : request_(request),
        events_(events),
        model_(std::move(model)),
        program_(std::move(program)),
        sampler_(std::move(sampler)),
        loss_(std::move(loss)),
        optimizer_(std::move(optimizer)),
        average_(joined({program_.parameters(), program_.buffers()}), value_or<double>(request.plugin, "average", 0.99)),
        layout_(layout),
        device_(device) {
    const Json& h = request.hyperparameters;
    epochs_ = std::max(1, value_or<int>(h, "epochs", 5));
    batch_ = std::max(1, value_or<int>(h, "batch_size", 4));
    steps_per_epoch_ = std::max<std::int64_t>(1, (value_or<std::int64_t>(h, "samples_per_epoch", 50) + batch_ - 1) / batch_);
    clip_ = value_or<double>(h, "max_grad_norm", 1.0);
  }

  Result<TrainResult> run() {
    const auto start = Clock::now();
    FAIR_TRY(resume());
    const double before = elapsed_before_;
    const double budget = request_.max_minutes * 60.0;
    const Json& h = request_.hyperparameters;
    const std::int64_t planned = epochs_ * steps_per_epoch_;
    const std::int64_t warm_up = std::min<std::int64_t>(100, planned / 10);
    const Schedule schedule(value_or<double>(h, "learning_rate", 1e-4), value_or<std::string>(h, "scheduler", "cosine") == "cosine", warm_up,
                            budget > 0 && !request_.epochs_limit ? 0 : planned, budget);
    program_.set_training(true);
    double validating = 0;
    while (!schedule.over(step_, before + since(start) + (budget > 0 ? validating : 0))) {
      const int epoch = static_cast<int>(step_ / steps_per_epoch_) + 1;
      const auto began = Clock::now();
      const double elapsed = before + since(start);
      const double rate = schedule.rate(step_, elapsed);
      Samples samples = sampler_.draw(step_, batch_);
      const at::Tensor logits = logits_of(samples.pixels);
      const at::Tensor loss = loss_(logits, samples.targets.to(device_));
      loss.backward();
      optimizer_.clip(clip_);
      optimizer_.step(rate);
      {
        const c10::NoGradGuard no_grad;
        average_.follow(step_);
      }
      const double value = loss.item<double>();
      if (!std::isfinite(value)) {
        return fail(Code::invalid, "training", "a finite loss", "step " + std::to_string(step_ + 1) + " gave " + std::to_string(value),
                    "use a smaller learning_rate");
      }
      epoch_loss_ += value;
      ++epoch_steps_;
      ++step_;
      report(schedule, epoch, value, rate, since(began), before + since(start));
      const bool last = schedule.over(step_, before + since(start) + (budget > 0 ? validating : 0));
      if (step_ % steps_per_epoch_ == 0 || last) {
        const auto validation_began = Clock::now();
        FAIR_TRY(end_epoch(epoch, before + since(start)));
        validating = since(validation_began);
      }
      if (events_.stop != nullptr && events_.stop->load() && !last) {
        FAIR_TRY(save_last(before + since(start)));
        return result(true, before + since(start));
      }
    }
    return result(false, before + since(start));
  }

 private:
  at::Tensor logits_of(const at::Tensor& pixels) {
    const HalfPrecision half(device_);
    return layout_.logits(program_.run(layout_.input(pixels.to(device_))).at(0)).to(at::kFloat);
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
    const std::size_t classes = std::max<std::size_t>(2, request_.classes.size());
    metrics::Confusion confusion(classes);
    double loss_sum = 0;
    std::int64_t windows = 0;
    for (std::int64_t first = 0; first < sampler_.validation_windows(); first += batch_) {
      Samples samples = sampler_.validation(first, batch_);
      const at::Tensor logits = logits_of(samples.pixels);
      const std::int64_t n = samples.targets.size(0);
      loss_sum += loss_(logits, samples.targets.to(device_)).item<double>() * static_cast<double>(n);
      windows += n;
      const at::Tensor predicted = (logits.size(1) == 1 ? logits.squeeze(1).gt(0) : logits.argmax(1)).to(at::kCPU, at::kByte).contiguous();
      const at::Tensor truth = samples.targets.to(at::kByte).contiguous();
      confusion.add(truth.data_ptr<std::uint8_t>(), predicted.data_ptr<std::uint8_t>(), static_cast<std::size_t>(truth.numel()));
    }
    EpochReport report;
    report.epoch = epoch;
    report.epochs = std::max(epochs_, epoch);
    report.train_loss = epoch_loss_ / static_cast<double>(std::max<std::int64_t>(epoch_steps_, 1));
    report.val_loss = windows > 0 ? loss_sum / static_cast<double>(windows) : report.train_loss;
    report.metrics = confusion.to_json(request_.classes);
    const double score = windows > 0 ? confusion.mean_iou() : -report.train_loss;
    report.best = !(score <= best_score_) || best_epoch_ == 0;
    Result<> written;
    if (report.best) {
      best_score_ = score;
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

  Result<> save_last(double elapsed) const {
    const Json header{{"step", step_},
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
    return write_checkpoint(last_path(), header, everything());
  }

  Result<> resume() {
    if (request_.resume.empty()) return {};
    namespace fs = std::filesystem;
    const fs::path from = fs::is_directory(request_.resume) ? request_.resume / "last.checkpoint" : request_.resume;
    const c10::NoGradGuard no_grad;
    FAIR_TRY_ASSIGN(const Json header, read_checkpoint(from, everything()));
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
    out.seconds = elapsed;
    return out;
  }

  const TrainRequest& request_;
  const TrainEvents& events_;
  onnx::Model model_;
  Program program_;
  Sampler sampler_;
  Loss loss_;
  Optimizer optimizer_;
  WeightAverage average_;
  TensorLayout layout_;
  at::Device device_;
  int epochs_ = 1, batch_ = 1;
  std::int64_t steps_per_epoch_ = 1;
  double clip_ = 1.0;

  std::int64_t step_ = 0, epoch_steps_ = 0;
  double epoch_loss_ = 0, best_score_ = -1e30, elapsed_before_ = 0;
  int best_epoch_ = 0;
  Json best_metrics_ = Json::object(), train_losses_ = Json::array(), val_losses_ = Json::array(), all_metrics_ = Json::array();
};

class TorchTrainer final : public Trainer {
 public:
  Result<TrainResult> run(const TrainRequest& request, const TrainEvents& events) override {
    try {
      return train(request, events);
    } catch (const std::exception& e) {
      std::string what = e.what();
      if (const auto line = what.find('\n'); line != std::string::npos) what.resize(line);
      return fail(Code::invalid, request.model.string(), "a model that trains on this dataset", what, "check the model's shapes against its item");
    }
  }

  Json build_info() const override { return {{"libtorch", FAIR_LIBTORCH_VERSION}, {"cuda", at::hasCUDA()}, {"threads", at::get_num_threads()}}; }

 private:
  static Result<TrainResult> train(const TrainRequest& request, const TrainEvents& events) {
    at::set_num_threads(request.threads > 0 ? request.threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
    FAIR_TRY_ASSIGN(const at::Device device, device_for(request.device));
    if (device.is_cpu()) keep_memory();
    FAIR_TRY_ASSIGN(onnx::Model model, onnx::read_model(request.model));
    ProgramOptions options;
    options.device = device;
    options.frozen = frozen_prefixes(request);
    FAIR_TRY_ASSIGN(Program program, Program::compile(model, options));
    if (!options.frozen.empty() && program.frozen().empty()) {
      return fail(Code::usage, "freeze_encoder", "weights of the model that begin with " + options.frozen.front(), "none",
                  "set freeze_encoder=false");
    }
    const int window = value_or<int>(request.plugin, "window", 256);
    const auto classes = static_cast<std::int64_t>(std::max<std::size_t>(2, request.classes.size()));
    FAIR_TRY_ASSIGN(const TensorLayout layout, TensorLayout::of(model, program, window, classes, device));
    FAIR_TRY_ASSIGN(auto pack, io::DatasetPack::open(request.dataset));
    const Json augment = request.plugin.is_object() ? request.plugin.value("augment", Json::object()) : Json::object();
    Augmentation augmentation{value_or<bool>(augment, "flip", true), value_or<bool>(augment, "rotate", true),
                              value_or<double>(augment, "color", 0.2)};
    FAIR_TRY_ASSIGN(Sampler sampler, Sampler::create(std::move(pack), window, preparation(request), augmentation, request.seed));
    const Json& h = request.hyperparameters;
    FAIR_TRY_ASSIGN(Loss loss, Loss::from(value_or<std::string>(h, "loss", "CrossEntropyLoss"), layout.output_channels));
    if (value_or<std::string>(h, "class_weights", "none") == "balanced" && layout.output_channels > 1) {
      loss.class_weights = balanced(sampler, layout.output_channels).to(device);
    }
    FAIR_TRY_ASSIGN(OptimizerOptions optimizer, OptimizerOptions::from(value_or<std::string>(h, "optimizer", "AdamW")));
    optimizer.weight_decay = value_or<double>(h, "weight_decay", 0.0);
    Optimizer steps(program.parameters(), optimizer);
    std::error_code error;
    std::filesystem::create_directories(request.output, error);
    if (error) return fail(Code::io, request.output.string(), "a folder that can be made", error.message(), "check permissions and free space");
    return Training(request, events, std::move(model), std::move(program), std::move(sampler), std::move(loss), std::move(steps), layout, device)
        .run();
  }

  /// One weight a class, so that every class counts the same in all; classes that do not occur count nothing.
  static at::Tensor balanced(const Sampler& sampler, std::int64_t channels) {
    const auto counts = sampler.training_pixels();
    double total = 0;
    int present = 0;
    for (std::int64_t c = 0; c < channels; ++c) {
      total += static_cast<double>(counts[static_cast<std::size_t>(c)]);
      present += counts[static_cast<std::size_t>(c)] > 0 ? 1 : 0;
    }
    auto weights = at::zeros({channels}, at::kFloat);
    for (std::int64_t c = 0; c < channels; ++c) {
      const auto n = static_cast<double>(counts[static_cast<std::size_t>(c)]);
      if (n > 0) weights.data_ptr<float>()[c] = static_cast<float>(total / (present * n));
    }
    return weights;
  }

  /// The same scaling that prediction uses: from the item's fields, which the model will carry.
  static Preparation preparation(const TrainRequest& request) {
    Preparation out;
    const auto spec = stac::ModelSpec::from_metadata(request.metadata, "the model's fields");
    if (spec) {
      out.scale = spec->input.scaling.scale;
      out.offset = spec->input.scaling.offset;
    }
    return out;
  }
};

}  // namespace

std::unique_ptr<Trainer> make_torch_trainer() { return std::make_unique<TorchTrainer>(); }

}  // namespace fair::train
