// POST /predict: a request's way from its body to its features.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "native/serve/exchange.h"
#include "native/serve/model_shelf.h"
#include "native/serve/session_cache.h"
#include "native/serve/work_queue.h"

namespace fair::serve {

struct PredictionLimits {
  int at_once = 0;            ///< predictions under way; 0: two a core
  std::size_t waiting = 64;   ///< more are told 429 and when to come again
  std::int64_t tiles = 1024;  ///< of one request
  double seconds = 300;       ///< from the request to its answer's last byte
  int connections = 32;       ///< for tiles, of all requests together
  int connections_a_request = 8;
};

/// How predictions went so far.
struct PredictionCounts {
  std::atomic<std::uint64_t> done{0}, failed{0}, refused{0}, late{0}, abandoned{0}, windows{0}, features{0}, tiles{0};
};

class PredictionService {
 public:
  /// All outlive it. `client` fetches tiles, by its own rules.
  PredictionService(ModelShelf& shelf, SessionCache& sessions, std::shared_ptr<const http::Client> client, const PredictionLimits& limits);

  /// Answers the exchange, now or later: a FeatureCollection, with `stream` a GeoJSON text sequence (RFC 8142) as features close. `service` is the
  /// base model of a path /<service>/predict, or "". Nothing goes on for a client that left.
  void handle(const std::shared_ptr<Exchange>& exchange, const std::string& service);

  [[nodiscard]] const PredictionCounts& counts() const { return counts_; }
  [[nodiscard]] WorkQueue& queue() { return queue_; }  ///< for others whose work wants its turn, too

 private:
  struct Ticket;
  void work(const std::shared_ptr<Ticket>& ticket);
  [[nodiscard]] Result<> predict(Ticket& ticket);

  ModelShelf& shelf_;
  SessionCache& sessions_;
  std::shared_ptr<const http::Client> client_;
  PredictionLimits limits_;
  PredictionCounts counts_;
  WorkQueue queue_;  ///< last: its threads use all of the above
};

}  // namespace fair::serve
