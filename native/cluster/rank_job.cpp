#include "native/cluster/rank_job.h"

#include <chrono>
#include <thread>
#include <utility>

namespace fair::cluster {
namespace fs = std::filesystem;
namespace {

Json to_json(const train::TrainRequest& r) {
  return {{"task", r.task},
          {"hyperparameters", r.hyperparameters},
          {"plugin", r.plugin},
          {"metadata", r.metadata},
          {"classes", r.classes},
          {"device", r.device},
          {"threads", r.threads},
          {"max_minutes", r.max_minutes},
          {"seed", r.seed},
          {"epochs_limit", r.epochs_limit},
          {"loss", !r.loss_graph.empty()},
          {"sync_batch_norm", r.sync_batch_norm}};
}

Json to_json(const train::EpochReport& e) {
  return {{"epoch", e.epoch}, {"epochs", e.epochs}, {"train_loss", e.train_loss}, {"val_loss", e.val_loss}, {"metrics", e.metrics}, {"best", e.best}};
}

Json to_json(const train::TrainResult& r) {
  return {{"epochs", r.epochs},   {"best_epoch", r.best_epoch}, {"steps", r.steps},         {"history", r.history},
          {"metrics", r.metrics}, {"device", r.device},         {"precision", r.precision}, {"seconds", r.seconds}};
}

}  // namespace

Result<bool> RankJob::get(const char* name, const fs::path& folder) const {
  FAIR_TRY_ASSIGN(const auto there, objects().info(at(name)));
  if (!there) return false;
  FAIR_TRY(objects().get(at(name), folder / name));
  return true;
}

Result<> RankJob::put(const train::TrainRequest& request) const {
  FAIR_TRY(objects().put(at("start.onnx"), request.model));
  FAIR_TRY(objects().put(at("dataset.pack"), request.dataset));
  if (!request.loss_graph.empty()) FAIR_TRY(objects().put(at("loss.onnx"), request.loss_graph));
  if (!request.resume.empty()) {
    std::error_code error;
    const fs::path last = fs::is_directory(request.resume, error) ? request.resume / "last.checkpoint" : request.resume;
    for (const char* name : {"model.onnx", "checkpoint.pt"}) {
      if (fs::exists(last.parent_path() / name, error)) FAIR_TRY(objects().put(at(name), last.parent_path() / name));
    }
    FAIR_TRY(objects().put(at("last.checkpoint"), last));
  }
  return objects().write(at("request.json"), to_json(request).dump());
}

Result<> RankJob::wait_for_result(const train::Rank& rank, const std::atomic<bool>* stop) const {
  constexpr auto patience = std::chrono::seconds(120);
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < patience && (stop == nullptr || !stop->load())) {
    if (done()) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  return fail(Code::io, rank.name(), "rank 0 to store what was learnt within two minutes", "nothing stored",
              "begin all ranks again: they go on from the last checkpoint");
}

Result<train::TrainResult> RankJob::run(train::Trainer& trainer, const train::Rank& rank, const fs::path& folder,
                                        const std::function<void(const std::string&)>& say, const std::atomic<bool>* stop) const {
  FAIR_TRY_ASSIGN(const auto result_before, objects().info(at("result.json")));
  if (result_before) {
    say(rank.name() + ": the training was done before");
    return train::TrainResult{};
  }
  std::error_code error;
  const fs::path given = folder / "given", made = folder / "made";
  for (const fs::path& path : {given, made}) fs::create_directories(path, error);
  if (error) return fail(Code::io, folder.string(), "a folder to work in", error.message(), "");
  FAIR_TRY_ASSIGN(const std::string text, objects().read(at("request.json")));
  FAIR_TRY_ASSIGN(const Json json, parse_json(text, at("request.json")));
  train::TrainRequest request;
  request.task = json.value("task", request.task);
  request.hyperparameters = json.value("hyperparameters", Json::object());
  request.plugin = json.value("plugin", Json());
  request.metadata = json.value("metadata", Json());
  request.classes = json.value("classes", std::vector<std::string>{});
  request.device = json.value("device", request.device);
  request.threads = json.value("threads", 0);
  request.max_minutes = json.value("max_minutes", 0.0);
  request.epochs_limit = json.value("epochs_limit", false);
  request.seed = json.value("seed", request.seed);
  request.sync_batch_norm = json.value("sync_batch_norm", false);
  request.rank = rank;
  request.output = made;
  for (const char* name : {"start.onnx", "dataset.pack"}) {
    FAIR_TRY_ASSIGN(const bool there, get(name, given));
    if (!there) return fail(Code::not_found, objects().name() + "/" + at(name), "the job's file", "none", "begin the job anew");
  }
  request.model = given / "start.onnx";
  request.dataset = given / "dataset.pack";
  if (json.value("loss", false)) {
    FAIR_TRY(get("loss.onnx", given));
    request.loss_graph = given / "loss.onnx";
  }
  Json epochs = Json::array();
  if (rank.first()) {
    FAIR_TRY_ASSIGN(const bool goes_on, get("last.checkpoint", given));
    for (const char* name : {"model.onnx", "checkpoint.pt"}) FAIR_TRY(get(name, given));
    if (goes_on) {
      request.resume = given / "last.checkpoint";
      say("goes on from the checkpoint that is there");
    }
    FAIR_TRY_ASSIGN(const auto known, objects().info(at("epochs.json")));
    if (known) {
      FAIR_TRY_ASSIGN(const std::string before, objects().read(at("epochs.json")));
      FAIR_TRY_ASSIGN(epochs, parse_json(before, at("epochs.json")));
    }
  }
  // The weights before the checkpoint that speaks of them.
  const auto store = [&](bool best) -> Result<> {
    for (const char* name : {"model.onnx", "checkpoint.pt"}) {
      if (best && fs::exists(made / name, error)) FAIR_TRY(objects().put(at(name), made / name));
    }
    if (fs::exists(made / "last.checkpoint", error)) FAIR_TRY(objects().put(at("last.checkpoint"), made / "last.checkpoint"));
    return {};
  };
  train::TrainEvents events;
  events.log = say;
  events.stop = stop;
  Result<> stored;
  events.on_epoch = [&](const train::EpochReport& e) {
    epochs.push_back(to_json(e));
    say("epoch " + std::to_string(e.epoch) + "/" + std::to_string(e.epochs) + " " + epochs.back().dump());
    stored = store(e.best);
    if (stored) stored = objects().write(at("epochs.json"), epochs.dump());
    // A checkpoint that cannot be stored is no end: the next epoch tries again.
    if (!stored) say("the checkpoint is not stored: " + stored.error().message());
  };
  FAIR_TRY_ASSIGN(train::TrainResult result, trainer.run(request, events));
  if (!rank.first()) {
    if (!result.stopped) FAIR_TRY(wait_for_result(rank, stop));
    return result;
  }
  FAIR_TRY(store(true));
  if (!result.stopped) FAIR_TRY(objects().write(at("result.json"), to_json(result).dump()));
  return result;
}

bool RankJob::done() const {
  const auto result = objects().info(at("result.json"));
  return result && result->has_value();
}

Result<std::vector<train::EpochReport>> RankJob::epochs() const {
  std::vector<train::EpochReport> out;
  FAIR_TRY_ASSIGN(const auto there, objects().info(at("epochs.json")));
  if (!there) return out;
  FAIR_TRY_ASSIGN(const std::string text, objects().read(at("epochs.json")));
  FAIR_TRY_ASSIGN(const Json json, parse_json(text, at("epochs.json")));
  for (const Json& e : json) {
    train::EpochReport one;
    one.epoch = e.value("epoch", 0), one.epochs = e.value("epochs", 0);
    one.train_loss = e.value("train_loss", 0.0), one.val_loss = e.value("val_loss", 0.0);
    one.metrics = e.value("metrics", Json::object());
    one.best = e.value("best", false);
    out.push_back(std::move(one));
  }
  return out;
}

Result<train::TrainResult> RankJob::bring(const fs::path& folder, bool stopped) const {
  train::TrainResult out;
  out.stopped = stopped;
  for (const char* name : {"model.onnx", "checkpoint.pt", "last.checkpoint"}) {
    FAIR_TRY_ASSIGN(const bool there, get(name, folder));
    if (!there && !stopped) return fail(Code::not_found, objects().name() + "/" + at(name), "what the training made", "none", "");
  }
  out.onnx = folder / "model.onnx";
  out.checkpoint = folder / "checkpoint.pt";
  out.last = folder / "last.checkpoint";
  if (stopped) return out;
  FAIR_TRY_ASSIGN(const std::string text, objects().read(at("result.json")));
  FAIR_TRY_ASSIGN(const Json json, parse_json(text, at("result.json")));
  out.epochs = json.value("epochs", 0);
  out.best_epoch = json.value("best_epoch", 0);
  out.steps = json.value("steps", std::int64_t{0});
  out.history = json.value("history", Json::object());
  out.metrics = json.value("metrics", Json::object());
  out.device = json.value("device", std::string());
  out.precision = json.value("precision", std::string());
  out.seconds = json.value("seconds", 0.0);
  return out;
}

}  // namespace fair::cluster
