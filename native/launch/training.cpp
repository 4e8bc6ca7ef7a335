#include "native/launch/training.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "core/pipeline/inference_parameters.h"
#include "core/stac/compatibility.h"
#include "core/stac/model_spec.h"
#include "native/draw/training_curve.h"
#include "native/infer/session.h"
#include "native/io/atomic_file.h"
#include "native/launch/evaluation.h"
#include "native/launch/label_check.h"
#include "native/launch/recorder.h"
#include "native/runs/clock.h"
#include "native/runs/config_file.h"
#include "native/track/tracked_run.h"

namespace fair::launch {
namespace fs = std::filesystem;
namespace {

struct Split {
  std::int64_t train = 0, val = 0, holdout = 0;
};

Split count(const io::DatasetPack& pack) {
  Split out;
  for (const io::PackedChip& chip : pack.chips()) {
    (chip.part == io::Part::train ? out.train : chip.part == io::Part::val ? out.val : out.holdout) += 1;
  }
  return out;
}

template <class T>
T value_or(const Json& object, const char* key, T otherwise) {
  const auto found = object.find(key);
  if constexpr (std::is_same_v<T, std::string>) {
    return found != object.end() && found->is_string() ? found->template get<T>() : otherwise;
  } else {
    return found != object.end() && found->is_number() ? found->template get<T>() : otherwise;
  }
}

/// Metres a pixel as the model saw them, or null: detectors see chips whose longer side is scaled to image_size, classifiers whole chips scaled to
/// their input.
Json seen_gsd(const io::DatasetPack& pack, const stac::ModelSpec& model, const Json& hyperparameters) {
  const auto gsd = pack.header().find("gsd");
  if (gsd == pack.header().end() || !gsd->is_number() || pack.chips().empty()) return nullptr;
  double longest = 0, mean = 0;
  for (const io::PackedChip& chip : pack.chips()) {
    longest = std::max<double>({longest, static_cast<double>(chip.width), static_cast<double>(chip.height)});
    mean += std::sqrt(static_cast<double>(chip.width) * chip.height) / static_cast<double>(pack.chips().size());
  }
  const double side = model.task == stac::Task::object_detection ? value_or<double>(hyperparameters, "image_size", 0.0)
                      : model.task == stac::Task::classification ? static_cast<double>(model.input.width)
                                                                 : 0.0;
  if (!(side > 0)) return *gsd;
  return gsd->get<double>() * (model.task == stac::Task::object_detection ? longest : mean) / side;
}

/// What the finetuned model says about itself inside its ONNX file.
Json self_description(stac::ModelSpec spec, const std::string& name, const Json& gsd) {
  spec.id = spec.name = name;
  if (gsd.is_number()) spec.gsd = gsd.get<double>();
  return spec.to_metadata();
}

/// What the trainer is asked for, but where to write.
Result<train::TrainRequest> wanted_training(const TrainingRequest& request, const stac::ModelSpec& model, const plugin::Registry& plugins,
                                            const fs::path& pack, const Json& gsd) {
  const Json& own = request.config.extra;
  train::TrainRequest wanted;
  wanted.model = request.base_model;
  wanted.dataset = pack;
  wanted.resume = request.resume;
  wanted.task = stac::name(model.task);
  wanted.loss_graph = value_or<std::string>(own, "loss_graph", "");
  if (!wanted.loss_graph.empty() && model.task != stac::Task::semantic_segmentation)
    return fail(Code::unsupported, "--loss-graph", "a model of semantic segmentation", wanted.task, "other tasks' losses are part of the task");
  wanted.hyperparameters = request.config.hyperparameters;
  FAIR_TRY_ASSIGN(const auto* loaded, plugins.for_model(model));
  wanted.plugin = loaded->description().value("training", Json::object());
  // An item that is silent about its loss gets the first of its plugin's.
  if (const Json losses = wanted.plugin.value("losses", Json::array()); !wanted.hyperparameters.contains("loss") && !losses.empty()) {
    wanted.hyperparameters["loss"] = losses.front();
  }
  wanted.metadata = self_description(model, request.config.model_name, gsd);
  wanted.classes = request.config.class_names;
  wanted.device = value_or<std::string>(own, "device", "auto");
  wanted.threads = value_or<int>(own, "threads", 0);
  wanted.max_minutes = value_or<double>(own, "max_minutes", 0.0);
  wanted.epochs_limit = own.value("epochs_limit", Json(false)) == Json(true);
  wanted.seed = value_or<std::uint64_t>(own, "seed", 42);
  wanted.rank = request.rank;
  wanted.sync_batch_norm = own.value("sync_batch_norm", Json(false)) == Json(true);
  return wanted;
}

/// fAIr's training-metrics asset: {epochs, train_loss, val_loss}, and the metrics by epoch beside them.
Result<fs::path> write_history(const fs::path& folder, const Json& history) {
  const fs::path path = folder / "training-metrics.json";
  FAIR_TRY(io::write_whole(path, to_text(history)));
  return path;
}

/// What a tracker is told of a run before it begins.
track::RunFacts facts_of(const run::TrainingConfig& config, const std::string& run) {
  track::RunFacts out;
  out.experiment = config.experiment_name.empty() ? config.model_name : config.experiment_name;
  out.name = config.model_name + " " + run;
  for (const auto& [key, value] : config.hyperparameters.items()) out.params[key] = value.is_string() ? value.get<std::string>() : value.dump();
  for (const char* key : {"seed", "max_minutes", "device"}) {
    if (config.extra.contains(key)) out.params[key] = config.extra[key].is_string() ? config.extra[key].get<std::string>() : config.extra[key].dump();
  }
  out.tags = {
      {"fair.model_name", config.model_name}, {"fair.base_model", config.base_model_id}, {"fair.dataset", config.dataset_id}, {"fair.run", run}};
  return out;
}

/// One run: what the steps hand to each other.
class Run {
 public:
  Run(const TrainingRequest& request, const plugin::Registry& plugins, train::Trainer& trainer, const TrainingEvents& events, stac::ModelSpec model,
      Recorder& recorder, track::TrackedRun* tracked)
      : request_(request), plugins_(plugins), trainer_(trainer), events_(events), model_(std::move(model)), recorder_(recorder), tracked_(tracked) {}

  Result<TrainingOutcome> steps() {
    const auto begin = std::chrono::steady_clock::now();
    outcome_.run_id = recorder_.id();
    folder_ = request_.artifacts / "runs" / recorder_.id();
    const run::TrainingConfig& c = request_.config;
    started_at_ = runs::utc_now();
    FAIR_TRY(recorder_.step("load_data", {{"dataset_chips", c.dataset_chips}, {"dataset_labels", c.dataset_labels}}, [&] { return load_data(); }));
    FAIR_TRY(recorder_.step("preprocess_data", {{"num_classes", c.num_classes}}, [&] { return preprocess_data(); }));
    FAIR_TRY(recorder_.step("split_dataset", pack_->header().value("split", Json::object()), [&] { return split_dataset(); }));
    FAIR_TRY(recorder_.step(
        "train_model",
        {{"model_name", c.model_name}, {"base_model_id", c.base_model_id}, {"dataset_id", c.dataset_id}, {"hyperparameters", c.hyperparameters}},
        [&] { return train_model(); }));
    if (outcome_.stopped) {
      outcome_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      return std::move(outcome_);
    }
    ended_at_ = runs::utc_now();
    FAIR_TRY(recorder_.step("evaluate_model", {{"class_names", c.class_names}, {"split", "val"}}, [&] { return evaluate_model(); }));
    FAIR_TRY(recorder_.step("export_onnx", Json::object(), [&] { return export_onnx(); }));
    outcome_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return std::move(outcome_);
  }

 private:
  Result<Json> load_data() {
    FAIR_TRY_ASSIGN(pack_path_, request_.pack());
    FAIR_TRY_ASSIGN(pack_, io::DatasetPack::open(pack_path_));
    return Json{{"dataset", pack_path_.string()}};
  }

  Result<Json> preprocess_data() {
    FAIR_TRY(labels_fit(*pack_, model_));
    gsd_ = seen_gsd(*pack_, model_, request_.config.hyperparameters);
    recorder_.log(std::to_string(pack_->chips().size()) + " chips, " + pack_->header().value("gsd", Json(nullptr)).dump() + " m a pixel");
    return Json{{"chips", pack_->chips().size()}, {"gsd", pack_->header().value("gsd", Json(nullptr))}};
  }

  Result<Json> split_dataset() {
    const Split parts = count(*pack_);
    if (parts.train == 0 || parts.val == 0) {
      return fail(Code::invalid, "dataset " + request_.dataset.id(), "chips to train on and chips to validate with",
                  std::to_string(parts.train) + " and " + std::to_string(parts.val), "make the dataset with more chips or another --val-ratio");
    }
    split_ = pack_->header().value("split", Json::object());
    split_["train"] = parts.train, split_["val"] = parts.val, split_["holdout"] = parts.holdout;
    recorder_.log("split: " + std::to_string(parts.train) + " train, " + std::to_string(parts.val) + " val, " + std::to_string(parts.holdout) +
                  " held out");
    return split_;
  }

  Result<Json> train_model() {
    FAIR_TRY_ASSIGN(train::TrainRequest wanted, wanted_training(request_, model_, plugins_, pack_path_, gsd_));
    wanted.output = folder_;
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error)
      return fail(Code::io, folder_.string(), "a folder for the run's artifacts", error.message(), "check the workspace's permissions and the disk");

    train::TrainEvents hear;
    hear.on_step = [this](const train::StepReport& s) {
      if (tracked_ != nullptr) {
        tracked_->point("loss", s.loss, s.step);
        tracked_->point("learning_rate", s.learning_rate, s.step);
      }
      if (events_.on_step) events_.on_step(s);
    };
    hear.on_epoch = [this](const train::EpochReport& e) {
      track_epoch(e);
      recorder_.log("epoch " + std::to_string(e.epoch) + "/" + std::to_string(e.epochs) + " " +
                    Json{{"train_loss", e.train_loss}, {"val_loss", e.val_loss}, {"metrics", e.metrics}, {"best", e.best}}.dump());
      if (events_.on_epoch) events_.on_epoch(e);
    };
    hear.log = [this](const std::string& line) { recorder_.log(line); };
    hear.stop = events_.stop;
    FAIR_TRY_ASSIGN(outcome_.training, trainer_.run(wanted, hear));
    outcome_.stopped = outcome_.training.stopped;
    if (outcome_.stopped) return Json{{"last_checkpoint", outcome_.training.last.string()}};
    FAIR_TRY_ASSIGN(history_path_, write_history(folder_, outcome_.training.history));
    curve_path_ = folder_ / "training_curve.svg";
    FAIR_TRY(io::write_whole(curve_path_, draw::training_curve(request_.config.model_name + ", run " + recorder_.id(), outcome_.training.history)));
    return Json{{"trained_model", outcome_.training.checkpoint.string()},
                {"training_metrics", history_path_.string()},
                {"training_curve", curve_path_.string()}};
  }

  void track_epoch(const train::EpochReport& e) {
    if (tracked_ == nullptr) return;
    tracked_->point("train_loss", e.train_loss, e.epoch);
    tracked_->point("val_loss", e.val_loss, e.epoch);
    for (const auto& [key, value] : e.metrics.items()) {
      if (value.is_number()) tracked_->point("val/" + key.substr(key.find(':') + 1), value.get<double>(), e.epoch);
    }
  }

  /// The finished model, its config, curves and figures.
  void track_artifacts(const Json& figures) {
    if (tracked_ == nullptr) return;
    for (const auto& [key, value] : figures.items()) {
      if (value.is_number()) tracked_->point(key, value.get<double>(), outcome_.training.epochs);
    }
    tracked_->artifact("config.yaml", config_path_);
    tracked_->artifact("model.onnx", outcome_.training.onnx);
    tracked_->artifact("training-metrics.json", history_path_);
    tracked_->artifact("training_curve.svg", curve_path_);
  }

  Result<Json> evaluate_model() {
    infer::SessionOptions options;
    options.device = value_or<std::string>(request_.config.extra, "device", "auto");
    options.threads = value_or<int>(request_.config.extra, "threads", 0);
    FAIR_TRY_ASSIGN(const auto session, infer::Session::open(outcome_.training.onnx, options));
    EvaluationRequest wanted;
    wanted.pack = pack_;
    wanted.part = io::Part::val;
    FAIR_TRY_ASSIGN(const auto self,
                    stac::ModelSpec::from_metadata(self_description(model_, request_.config.model_name, gsd_), request_.config.model_name));
    FAIR_TRY_ASSIGN(wanted.model, session->fit(self));
    FAIR_TRY_ASSIGN(wanted.plugin, plugins_.create(wanted.model));
    wanted.runner = session.get();
    FAIR_TRY_ASSIGN(const auto spec, run::HyperparameterSpec::from_item(request_.base));
    FAIR_TRY_ASSIGN(wanted.options, pipeline::inference_options(wanted.model, spec.defaults().inference));
    wanted.options.batch_size = session->suggested_batch();
    wanted.on_progress = events_.on_evaluated;
    wanted.stop = events_.stop;
    FAIR_TRY_ASSIGN(const Evaluation result, evaluate(wanted));
    outcome_.evaluation = metrics::fill_by_name(result.to_json(), request_.base.property("fair:metrics_spec"));
    recorder_.log("validation: " + outcome_.evaluation.dump());
    return Json{{"metrics", outcome_.evaluation}};
  }

  Result<Json> export_onnx() {
    config_path_ = folder_ / "config.yaml";
    FAIR_TRY(io::write_whole(config_path_, runs::to_yaml(request_.config.to_json())));
    const auto below = [this](const fs::path& path) { return path.lexically_relative(request_.artifacts).generic_string(); };
    const Json artifacts{{"trained_model", below(outcome_.training.checkpoint)},
                         {"onnx_model", below(outcome_.training.onnx)},
                         {"training_metrics", below(history_path_)},
                         {"training_curve", below(curve_path_)},
                         {"config", below(config_path_)}};
    if (request_.share) {
      for (const auto& [name, path] : artifacts.items()) FAIR_TRY(request_.share(request_.artifacts / path.get<std::string>()));
    }
    FAIR_TRY_ASSIGN(const auto spec, run::HyperparameterSpec::from_item(request_.base));
    run::Hyperparameters used = spec.defaults();
    used.training = request_.config.hyperparameters;
    Json metadata;
    metadata["base_model_id"] = request_.base.id();
    metadata["dataset_id"] = request_.dataset.id();
    metadata["hyperparameters"] = used.prefixed();
    metadata["metrics"] = outcome_.evaluation;
    metadata["split"] = split_;
    metadata["gsd"] = gsd_;
    metadata["training_started_at"] = started_at_;
    metadata["training_ended_at"] = ended_at_;
    metadata["training_duration_seconds"] = outcome_.training.seconds;
    metadata["labeled_chip_count"] = pack_->chips().size();
    Json figures = logged_metadata();
    FAIR_TRY_ASSIGN(outcome_.version, request_.versions->add({request_.config.model_name, recorder_.id(), metadata, artifacts, figures}));
    figures["version"] = outcome_.version.number;
    FAIR_TRY(recorder_.metadata(figures));
    track_artifacts(figures);
    return artifacts;
  }

  /// fAIr's metadata keys: fair/mean_iou and so on.
  Json logged_metadata() const {
    Json out;
    for (const auto& [key, value] : outcome_.evaluation.items()) out["fair/" + key.substr(key.find(':') + 1)] = value;
    out["fair/split"] = split_;
    const Json& history = outcome_.training.history;
    out["fair/loss_history"] = {{"train_loss", history.value("train_loss", Json::array())}, {"val_loss", history.value("val_loss", Json::array())}};
    out["fair/training_wall_seconds"] = outcome_.training.seconds;
    return out;
  }

  const TrainingRequest& request_;
  const plugin::Registry& plugins_;
  train::Trainer& trainer_;
  const TrainingEvents& events_;
  stac::ModelSpec model_;
  Recorder& recorder_;
  track::TrackedRun* tracked_;  ///< or null
  TrainingOutcome outcome_;
  fs::path folder_, pack_path_, history_path_, curve_path_, config_path_;
  std::shared_ptr<io::DatasetPack> pack_;
  Json split_, gsd_;
  std::string started_at_, ended_at_;
};

/// A rank other than 0: learns along, and keeps nothing.
Result<TrainingOutcome> learn_along(const TrainingRequest& request, const plugin::Registry& plugins, train::Trainer& trainer,
                                    const TrainingEvents& events, const stac::ModelSpec& model) {
  FAIR_TRY_ASSIGN(const fs::path path, request.pack());
  FAIR_TRY_ASSIGN(const auto pack, io::DatasetPack::open(path));
  FAIR_TRY_ASSIGN(const train::TrainRequest wanted,
                  wanted_training(request, model, plugins, path, seen_gsd(*pack, model, request.config.hyperparameters)));
  train::TrainEvents hear;
  hear.on_step = events.on_step;
  hear.log = events.log;
  hear.stop = events.stop;
  TrainingOutcome out;
  FAIR_TRY_ASSIGN(out.training, trainer.run(wanted, hear));
  out.stopped = out.training.stopped;
  out.seconds = out.training.seconds;
  return out;
}

}  // namespace

Result<TrainingOutcome> run_training(const TrainingRequest& request, runs::RunStore& store, const plugin::Registry& plugins, train::Trainer& trainer,
                                     const TrainingEvents& events) {
  FAIR_TRY(stac::compatible(request.base, request.dataset).require(request.base.id() + " with " + request.dataset.id()));
  FAIR_TRY_ASSIGN(stac::ModelSpec model, stac::ModelSpec::from_item(request.base));
  if (!request.rank.first()) return learn_along(request, plugins, trainer, events, model);
  FAIR_TRY_ASSIGN(Recorder recorder, Recorder::start(store, "training", request.config.model_name, request.config.to_json(), events.log));
  std::optional<track::TrackedRun> tracked;
  if (request.tracker != nullptr) {
    const auto say = [&recorder](const std::string& line) { recorder.log(line); };
    track::finish_dead(*request.tracker, request.artifacts / "runs", say);
    tracked.emplace(*request.tracker, facts_of(request.config, recorder.id()), request.artifacts / "runs" / recorder.id() / track::note_name, say);
    if (!tracked->address().empty()) recorder.log("tracked: " + tracked->address());
  }
  Result<TrainingOutcome> outcome = Run(request, plugins, trainer, events, std::move(model), recorder, tracked ? &*tracked : nullptr).steps();
  if (tracked) {
    const bool stopped = outcome ? outcome->stopped : outcome.error().code == Code::cancelled;
    tracked->end(stopped ? track::Outcome::killed : outcome ? track::Outcome::finished : track::Outcome::failed);
  }
  if (!outcome) return fail(recorder.fail(std::move(outcome).error()));
  FAIR_TRY(outcome->stopped ? recorder.stop() : recorder.complete());
  return outcome;
}

}  // namespace fair::launch
