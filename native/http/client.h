// Requests over http(s): bounded, patient, and one pool of connections for all who ask.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/base/error.h"

namespace fair::http {

class AddressRules;

/// Names in lower case.
using Headers = std::map<std::string, std::string>;

/// A stretch of a file, sent as a request's body without being read into memory first.
struct FilePart {
  std::filesystem::path path;
  std::uint64_t first = 0, size = 0;
};

struct Request {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::string body;
  std::optional<FilePart> file;  ///< instead of `body`
  /// Takes the body of a 2xx answer piece by piece; false breaks the transfer off. Once a piece was taken the request is not tried again.
  std::function<bool(const char*, std::size_t)> sink;
  /// Called before every attempt: signatures carry the time.
  std::function<Result<>(Request&)> sign;
  const std::atomic<bool>* stop = nullptr;  ///< besides the client's
};

struct Response {
  long status = 0;
  Headers headers;
  std::string body;  ///< empty where a sink took it
  int attempts = 1;
  long asked_to_wait = 0;  ///< seconds of a Retry-After that was too long to be waited for

  [[nodiscard]] bool good() const { return status >= 200 && status < 300; }
  /// "" where there is none.
  [[nodiscard]] std::string header(const std::string& name) const;
};

/// Who a server must be, and who we are: PEM texts. Empty: the system's authorities, and nobody.
struct Tls {
  std::string authority, certificate, key;
  bool verify = true;  ///< false: whoever answers is believed
};

struct ClientOptions {
  int connections = 8;  ///< at once
  int attempts = 4;
  long connect_seconds = 10;
  long timeout_seconds = 30;              ///< for the whole answer; 0: none, but a transfer that stands still for 30 s ends
  double first_pause_seconds = 0.25;      ///< before the second attempt; doubled each time
  double longest_pause_seconds = 30;      ///< a server that asks for more (Retry-After) is told of instead
  std::uint64_t most_bytes = 16U << 20U;  ///< of an answer kept in memory
  bool follow = true;                     ///< redirects, at most 5, to http(s); false where a request carries secrets
  Tls tls;
  const std::atomic<bool>* stop = nullptr;  ///< set: transfers and pauses end with Code::cancelled
  /// For addresses that strangers name: what they forbid is Code::usage. No proxy is used then, because it would be the proxy that is judged.
  std::shared_ptr<const AddressRules> rules;
};

/// Safe from several threads; more callers than `connections` wait for their turn. 408, 429 and 5xx answers, time-outs and broken connections are
/// tried again after a growing pause, or the one the server asks for in Retry-After (RFC 9110, 10.2.3).
class Client {
 public:
  [[nodiscard]] static Result<Client> create(const ClientOptions& options = {});
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  /// The last answer, whatever its status. Code::io where there was none: it names the address, without what follows its "?", where keys stand.
  [[nodiscard]] Result<Response> send(Request request) const;

  [[nodiscard]] const ClientOptions& options() const;

 private:
  struct State;
  explicit Client(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// What an answer that was not hoped for was, for an error's "found": "status 503, 4 times".
[[nodiscard]] std::string outcome(const Response& response);

}  // namespace fair::http
