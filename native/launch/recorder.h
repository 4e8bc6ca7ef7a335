// A run as it happens, written into the run store: steps with their times, parameters and artifacts, and how it ended.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/base/json.h"
#include "native/runs/run_store.h"

namespace fair::launch {

/// Ends the run as failed when it is destroyed without `complete`, `stop` or `fail`: no run stays "running" behind a finished program.
class Recorder {
 public:
  using Log = std::function<void(const std::string&)>;

  /// Begins a run. `log` hears every line too. `store` must outlive this.
  [[nodiscard]] static Result<Recorder> start(runs::RunStore& store, const std::string& kind, const std::string& name, const Json& config, Log log);
  Recorder(Recorder&& other) noexcept;
  Recorder& operator=(Recorder&&) = delete;
  ~Recorder();

  [[nodiscard]] const std::string& id() const { return id_; }

  /// Does one step: `work` gives its artifacts ({name: path}). Its error ends the step as failed (Code::cancelled: stopped) and is handed on.
  Result<> step(const std::string& name, const Json& parameters, const std::function<Result<Json>()>& work);
  void log(const std::string& line);
  Result<> metadata(const Json& metadata);

  Result<> complete();
  Result<> stop();
  /// Hands the error on, after the run has it.
  Error fail(Error error);

 private:
  Recorder(runs::RunStore& store, std::string id, Log log) : store_(&store), id_(std::move(id)), log_(std::move(log)) {}

  runs::RunStore* store_;
  std::string id_;
  Log log_;
};

}  // namespace fair::launch
