// Answers of tile servers over http(s): polite, bounded, patient.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/base/error.h"

namespace fair::http {
class AddressRules;
class Client;
}  // namespace fair::http

namespace fair::io {

struct FetchOptions {
  int connections = 8;  ///< at once
  int attempts = 4;     ///< before a tile that cannot be had ends the work
  long timeout_seconds = 30;
  double first_pause_seconds = 0.25;  ///< before the second attempt; doubled each time
  double longest_pause_seconds = 30;  ///< a server that asks for more (Retry-After) is told of instead
  std::uint64_t most_bytes = 16U << 20U;
  std::filesystem::path cache_folder;  ///< "": none
  std::uint64_t cache_bytes = std::uint64_t{1} << 30U;
  const std::atomic<bool>* stop = nullptr;          ///< set: transfers and pauses end with Code::cancelled
  std::shared_ptr<const http::AddressRules> rules;  ///< for addresses that strangers name
  std::shared_ptr<const http::Client> client;  ///< shared with others: its options hold in place of those above, but for `connections` and `stop`
};

struct FetchCounts {
  std::int64_t fetched = 0, from_cache = 0, missing = 0, repeated = 0;
};

/// Safe from several threads; more callers than `connections` wait for their turn. 429 and 5xx answers, time-outs and broken connections are tried
/// again after a growing pause, or the one the server asks for in Retry-After (RFC 9110, 10.2.3).
class TileFetcher {
 public:
  /// Code::unsupported in a build without libcurl.
  [[nodiscard]] static Result<TileFetcher> create(const FetchOptions& options);
  TileFetcher(TileFetcher&&) noexcept;
  ~TileFetcher();

  /// The body of a 200 answer. Nothing where there is no tile: 404, 410, 204, an empty body. Errors name the address and the status, without what
  /// follows its "?", where keys stand. `cached`: may be, and is, kept for the next time.
  [[nodiscard]] Result<std::optional<std::string>> get(const std::string& address, bool cached = true);
  /// What came turned out to be no tile: it is not kept.
  void forget(const std::string& address);
  [[nodiscard]] FetchCounts counts() const;
  [[nodiscard]] int connections() const;

 private:
  struct State;
  explicit TileFetcher(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fair::io
