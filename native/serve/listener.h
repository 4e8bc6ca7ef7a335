// The one HTTP/1.1 server of the project: sockets, parsing, time and size limits. What is answered is somebody else's matter.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "native/serve/exchange.h"

namespace fair::serve {

struct ListenerOptions {
  std::string host = "127.0.0.1";  ///< an address; 0.0.0.0 or :: for all of them
  int port = 0;                    ///< 0: any free one
  int threads = 2;                 ///< that carry bytes; handlers' work goes elsewhere
  std::uint32_t header_bytes = 16U << 10U;
  std::uint64_t body_bytes = 1U << 20U;
  double header_seconds = 10;  ///< for a whole request line and its headers
  double body_seconds = 30;    ///< for a whole body
  double idle_seconds = 75;    ///< between two requests of a connection
  double write_seconds = 30;   ///< for a client to take a piece of an answer
  int connections = 1024;      ///< more are told 503 and closed
};

/// What was answered, for logs and counts.
struct Served {
  const Request& request;
  int status = 0;  ///< 499 where the client left before an answer
  std::uint64_t bytes = 0;
  double seconds = 0;
};

/// HTTP/1.1 (RFC 9112) with persistent connections, chunked bodies both ways and 100-continue. Requests that cannot be read are answered with 400,
/// 408, 413 or 431 and never reach the handler.
class Listener {
 public:
  using Handler = std::function<void(const std::shared_ptr<Exchange>&)>;

  /// Binds the port. Code::conflict where somebody else has it, Code::usage where `host` is no address of this machine.
  [[nodiscard]] static Result<Listener> bind(const ListenerOptions& options);
  Listener(Listener&&) noexcept;
  ~Listener();

  [[nodiscard]] int port() const;
  /// Before run(). Completes every answer: headers that all of them have.
  void dress(std::function<void(const Request&, Answer&)> dressing);
  /// Before run(). Called once an answered, or abandoned, request.
  void on_served(std::function<void(const Served&)> told);
  /// Answers until `stop`, then until what was begun is answered.
  Result<> run(Handler handler);
  /// From any thread, once: no new connections or requests; those under way are finished, for at most `patience`.
  void stop(std::chrono::milliseconds patience);

 private:
  struct State;
  explicit Listener(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace fair::serve
