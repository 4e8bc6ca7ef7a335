#include "native/io/tile_fetcher.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "native/http/client.h"
#include "native/http/url.h"
#include "native/io/tile_cache.h"

namespace fair::io {
namespace {

const char* hint_for(long status) {
  if (status == 401 || status == 403) return "the server wants a key, or refuses this one: put it into the template";
  if (status == 429) return "the server has had enough of us: try later, or a smaller area";
  if (status >= 500) return "the server is in trouble: try later";
  return "check the template";
}

http::ClientOptions client_options(const FetchOptions& options) {
  http::ClientOptions out;
  out.connections = options.connections;
  out.attempts = options.attempts;
  out.timeout_seconds = options.timeout_seconds;
  out.first_pause_seconds = options.first_pause_seconds;
  out.longest_pause_seconds = options.longest_pause_seconds;
  out.most_bytes = options.most_bytes;
  out.rules = options.rules;
  return out;
}

}  // namespace

struct TileFetcher::State {
  State(const FetchOptions& o, std::shared_ptr<const http::Client> c)
      : client(std::move(c)), connections(std::clamp(o.connections, 1, 64)), stop(o.stop), cache(o.cache_folder, o.cache_bytes) {}

  std::shared_ptr<const http::Client> client;
  int connections;
  const std::atomic<bool>* stop;
  TileCache cache;
  std::mutex mutex;
  FetchCounts counts;

  void count(std::int64_t FetchCounts::*what, std::int64_t by = 1) {
    const std::lock_guard lock(mutex);
    counts.*what += by;
  }
};

TileFetcher::TileFetcher(std::unique_ptr<State> state) : state_(std::move(state)) {}
TileFetcher::TileFetcher(TileFetcher&&) noexcept = default;
TileFetcher::~TileFetcher() = default;

Result<TileFetcher> TileFetcher::create(const FetchOptions& options) {
  if (options.client) return TileFetcher(std::make_unique<State>(options, options.client));
  FAIR_TRY_ASSIGN(http::Client client, http::Client::create(client_options(options)));
  return TileFetcher(std::make_unique<State>(options, std::make_shared<const http::Client>(std::move(client))));
}

FetchCounts TileFetcher::counts() const {
  const std::lock_guard lock(state_->mutex);
  return state_->counts;
}

int TileFetcher::connections() const { return state_->connections; }

void TileFetcher::forget(const std::string& address) { state_->cache.forget(address); }

Result<std::optional<std::string>> TileFetcher::get(const std::string& address, bool cached) {
  State& state = *state_;
  if (auto kept = cached ? state.cache.find(address) : std::nullopt) {
    state.count(&FetchCounts::from_cache);
    return kept;
  }
  http::Request request;
  request.url = address;
  request.stop = state.stop;
  FAIR_TRY_ASSIGN(http::Response response, state.client->send(std::move(request)));
  state.count(&FetchCounts::repeated, response.attempts - 1);
  if (response.status == 404 || response.status == 410 || response.status == 204 || (response.status == 200 && response.body.empty())) {
    state.count(&FetchCounts::missing);
    return std::optional<std::string>();
  }
  if (response.status == 200) {
    state.count(&FetchCounts::fetched);
    if (cached) state.cache.keep(address, response.body);
    return std::optional(std::move(response.body));
  }
  return fail(Code::io, http::shown(address), "a tile", http::outcome(response), hint_for(response.status));
}

}  // namespace fair::io
