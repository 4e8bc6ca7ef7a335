// fair serve: files, predictions and what belongs to them, on one listener.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "native/http/address_rules.h"
#include "native/serve/job_service.h"
#include "native/serve/listener.h"
#include "native/serve/metrics.h"
#include "native/serve/open_inference.h"
#include "native/serve/prediction_service.h"
#include "native/serve/router.h"
#include "native/serve/static_files.h"

namespace fair::serve {

struct PredictingOptions {
  ShelfOptions shelf;  ///< its client is made from `addresses`
  CacheOptions cache;
  PredictionLimits limits;
  http::AddressRules::Lists addresses;  ///< of tiles and models that requests name
};

struct ServerOptions {
  ListenerOptions listening;
  std::vector<Mount> mounts;      ///< files, open to every origin
  bool isolated = false;          ///< COOP and COEP headers, which threads in WebAssembly need
  std::vector<std::string> cors;  ///< origins that may read answers other than files: "https://fair.example.org", or "*"
  std::optional<PredictingOptions> predicting;
  std::optional<JobOptions> jobs;
  std::function<void(const Served&, const std::string& route)> log;  ///< once a request, from several threads
};

class Server {
 public:
  /// Binds the port, reads the catalogue. `plugins` runs the models.
  [[nodiscard]] static Result<std::unique_ptr<Server>> open(ServerOptions options, plugin::Registry plugins);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] int port() const { return listener_.port(); }
  [[nodiscard]] std::string url() const;
  /// Answers until `stop`.
  Result<> run();
  /// From any thread. /ready says no from now on; after `notice`, in which balancers learn it, nothing new is taken, and what is under way has
  /// `patience` to be finished.
  void stop(std::chrono::milliseconds notice, std::chrono::milliseconds patience);

 private:
  Server(ServerOptions options, Listener listener) : options_(std::move(options)), listener_(std::move(listener)) {}
  Result<> prepare_predictions(plugin::Registry plugins);
  void add_routes();
  void handle(const std::shared_ptr<Exchange>& exchange);
  void dress(const Request& request, Answer& answer) const;
  [[nodiscard]] std::string metrics() const;

  ServerOptions options_;
  std::atomic<bool> ready_{true};
  RequestMetrics requests_;
  Router router_;
  std::unique_ptr<ModelShelf> shelf_;
  std::unique_ptr<SessionCache> sessions_;
  Listener listener_;
  std::unique_ptr<PredictionService> predictions_;  ///< ends before all above: its threads answer through the listener's connections
  std::unique_ptr<OpenInference> inference_;
  std::unique_ptr<JobService> jobs_;
};

}  // namespace fair::serve
