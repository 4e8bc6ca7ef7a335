#include "native/launch/recorder.h"

#include <utility>

namespace fair::launch {

Result<Recorder> Recorder::start(runs::RunStore& store, const std::string& kind, const std::string& name, const Json& config, Log log) {
  FAIR_TRY_ASSIGN(const std::string id, store.start(kind, name, config));
  return Recorder(store, id, std::move(log));
}

Recorder::Recorder(Recorder&& other) noexcept
    : store_(std::exchange(other.store_, nullptr)), id_(std::move(other.id_)), log_(std::move(other.log_)) {}

Recorder::~Recorder() {
  if (store_ != nullptr) store_->end(id_, runs::Status::failed, "left before it was finished");
}

Result<> Recorder::step(const std::string& name, const Json& parameters, const std::function<Result<Json>()>& work) {
  FAIR_TRY(store_->start_step(id_, name, parameters));
  log(name);
  Result<Json> artifacts = work();
  if (!artifacts) {
    const bool cancelled = artifacts.error().code == Code::cancelled;
    store_->end_step(id_, name, cancelled ? runs::Status::stopped : runs::Status::failed, Json::object());
    return fair::fail(std::move(artifacts).error());
  }
  return store_->end_step(id_, name, runs::Status::completed, *artifacts);
}

void Recorder::log(const std::string& line) {
  if (log_) log_(line);
  store_->log(id_, line);
}

Result<> Recorder::metadata(const Json& metadata) { return store_->set_metadata(id_, metadata); }

Result<> Recorder::complete() { return std::exchange(store_, nullptr)->end(id_, runs::Status::completed); }

Result<> Recorder::stop() { return std::exchange(store_, nullptr)->end(id_, runs::Status::stopped); }

Error Recorder::fail(Error error) {
  std::exchange(store_, nullptr)->end(id_, error.code == Code::cancelled ? runs::Status::stopped : runs::Status::failed, error.message());
  return error;
}

}  // namespace fair::launch
