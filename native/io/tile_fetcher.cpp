#include "native/io/tile_fetcher.h"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "native/io/tile_cache.h"

namespace fair::io {
namespace {

using Handle = std::unique_ptr<CURL, void (*)(CURL*)>;

/// One transfer, as libcurl's callbacks see it.
struct Transfer {
  std::string body;
  std::uint64_t most_bytes = 0;
  bool too_large = false;
  const std::atomic<bool>* stop = nullptr;
};

std::size_t collect(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.too_large = transfer.body.size() + size * count > transfer.most_bytes;
  if (transfer.too_large) return 0;
  transfer.body.append(data, size * count);
  return size * count;
}

int watch(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& transfer = *static_cast<Transfer*>(user);
  return transfer.stop != nullptr && transfer.stop->load() ? 1 : 0;
}

std::string without_query(const std::string& address) { return address.substr(0, address.find('?')); }

bool passing(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return true;
    default: return false;
  }
}

bool passing(long status) { return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504; }

const char* hint_for(long status) {
  if (status == 401 || status == 403) return "the server wants a key, or refuses this one: put it into the template";
  if (status == 429) return "the server has had enough of us: try later, or a smaller area";
  if (status >= 500) return "the server is in trouble: try later";
  return "check the template";
}

}  // namespace

struct TileFetcher::State {
  explicit State(const FetchOptions& o) : options(o), cache(o.cache_folder, o.cache_bytes) {}

  FetchOptions options;
  TileCache cache;
  std::mutex mutex;
  std::condition_variable returned;
  std::vector<Handle> idle;
  FetchCounts counts;

  [[nodiscard]] bool stopped() const { return options.stop != nullptr && options.stop->load(); }

  Handle borrow() {
    std::unique_lock lock(mutex);
    returned.wait(lock, [&] { return !idle.empty(); });
    Handle handle = std::move(idle.back());
    idle.pop_back();
    return handle;
  }
  void give_back(Handle handle) {
    {
      const std::lock_guard lock(mutex);
      idle.push_back(std::move(handle));
    }
    returned.notify_one();
  }
  void count(std::int64_t FetchCounts::*what) {
    const std::lock_guard lock(mutex);
    ++(counts.*what);
  }
  /// False where it was asked to stop meanwhile.
  bool pause(double seconds) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (!stopped() && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(std::chrono::milliseconds(50), until - std::chrono::steady_clock::now()));
    }
    return !stopped();
  }
};

TileFetcher::TileFetcher(std::unique_ptr<State> state) : state_(std::move(state)) {}
TileFetcher::TileFetcher(TileFetcher&&) noexcept = default;
TileFetcher::~TileFetcher() = default;

Result<TileFetcher> TileFetcher::create(const FetchOptions& options) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  auto state = std::make_unique<State>(options);
  for (int i = 0; i < std::clamp(options.connections, 1, 64); ++i) {
    Handle handle(curl_easy_init(), curl_easy_cleanup);
    if (ready != CURLE_OK || !handle) return fail(Code::io, "tiles", "a connection", "libcurl does not start", "check the installation of libcurl");
    state->idle.push_back(std::move(handle));
  }
  return TileFetcher(std::move(state));
}

FetchCounts TileFetcher::counts() const {
  const std::lock_guard lock(state_->mutex);
  return state_->counts;
}

int TileFetcher::connections() const { return std::clamp(state_->options.connections, 1, 64); }

void TileFetcher::forget(const std::string& address) { state_->cache.forget(address); }

Result<std::optional<std::string>> TileFetcher::get(const std::string& address, bool cached) {
  State& state = *state_;
  const FetchOptions& options = state.options;
  if (auto kept = cached ? state.cache.find(address) : std::nullopt) {
    state.count(&FetchCounts::from_cache);
    return kept;
  }
  double pause = options.first_pause_seconds;
  for (int attempt = 1;; ++attempt) {
    if (state.stopped()) return fail(Code::cancelled, without_query(address), "to be fetched", "a request to stop");
    Transfer transfer{{}, options.most_bytes, false, options.stop};
    Handle handle = state.borrow();
    CURL* curl = handle.get();
    curl_easy_reset(curl);  // keeps the connection
    curl_easy_setopt(curl, CURLOPT_URL, address.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, std::min(options.timeout_seconds, 10L));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, options.timeout_seconds);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "fair-edge");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    const CURLcode code = curl_easy_perform(curl);
    long status = 0;
    curl_off_t asked = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &asked);
    state.give_back(std::move(handle));

    if (transfer.too_large) {
      return fail(Code::invalid, without_query(address), "a tile of at most " + std::to_string(options.most_bytes >> 20U) + " MB", "more",
                  "check the template");
    }
    if (code == CURLE_ABORTED_BY_CALLBACK) continue;  // leaves above
    if (code == CURLE_OK) {
      if (status == 404 || status == 410 || status == 204 || (status == 200 && transfer.body.empty())) {
        state.count(&FetchCounts::missing);
        return std::optional<std::string>();
      }
      if (status == 200) {
        state.count(&FetchCounts::fetched);
        if (cached) state.cache.keep(address, transfer.body);
        return std::optional(std::move(transfer.body));
      }
    }
    const bool again = code == CURLE_OK ? passing(status) : passing(code);
    const bool patient = static_cast<double>(asked) <= options.longest_pause_seconds;
    if (!again || !patient || attempt >= options.attempts) {
      std::string found = code == CURLE_OK ? "status " + std::to_string(status) : curl_easy_strerror(code);
      if (attempt > 1) found += ", " + std::to_string(attempt) + " times";
      if (!patient) found += " and a wish to be asked again in " + std::to_string(asked) + " s";
      return fail(Code::io, without_query(address), "a tile", found, code == CURLE_OK ? hint_for(status) : "check the address and the network");
    }
    state.count(&FetchCounts::repeated);
    // Callers that were refused together should not come back together.
    thread_local std::minstd_rand random{std::random_device{}()};
    const double jitter = std::uniform_real_distribution<double>(0.75, 1.25)(random);
    state.pause(std::max(static_cast<double>(asked), std::min(pause * jitter, options.longest_pause_seconds)));
    pause *= 2;
  }
}

}  // namespace fair::io
