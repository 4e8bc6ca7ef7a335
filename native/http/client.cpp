#include "native/http/client.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <random>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "native/http/address_rules.h"
#include "native/http/patience.h"
#include "native/http/url.h"

namespace fair::http {
namespace {

constexpr int most_redirects = 5;

using Handle = std::unique_ptr<CURL, void (*)(CURL*)>;
using List = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

/// One attempt, as libcurl's callbacks see it.
struct Transfer {
  const Request* request = nullptr;
  Response response;
  std::uint64_t most_bytes = 0;
  bool too_large = false, refused = false, handed_out = false;
  const std::atomic<bool>*stop = nullptr, *own_stop = nullptr;
  Patience* patience = nullptr;
  curl_off_t moved = 0;  ///< bytes, in both directions
  CURL* curl = nullptr;
  const AddressRules* rules = nullptr;
  std::string host;  ///< that is being asked, where there are rules
  bool forbidden = false;
  std::optional<Error> refusal;  ///< of the address, before it was asked
  std::string_view text;         ///< what is left of the body to send
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{nullptr, std::fclose};
  std::uint64_t first = 0, size = 0, left = 0;  ///< the file's stretch, and what is left of it
};

std::size_t take(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  long status = 0;
  curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
  if (transfer.request->sink && status >= 200 && status < 300) {
    transfer.handed_out = true;
    transfer.refused = !transfer.request->sink(data, bytes);
    return transfer.refused ? 0 : bytes;
  }
  transfer.too_large = transfer.response.body.size() + bytes > transfer.most_bytes;
  if (transfer.too_large) return 0;
  transfer.response.body.append(data, bytes);
  return bytes;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  if (line.rfind("HTTP/", 0) == 0) {  // of the answer after a redirect
    transfer.response.headers.clear();
    return line.size();
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && std::isspace(static_cast<unsigned char>(value.front())) != 0) value.remove_prefix(1);
  while (!value.empty() && std::isspace(static_cast<unsigned char>(value.back())) != 0) value.remove_suffix(1);
  transfer.response.headers[name] = std::string(value);
  return line.size();
}

std::size_t give(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t room = size * count;
  if (transfer.file) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(room, transfer.left));
    const std::size_t got = std::fread(data, 1, wanted, transfer.file.get());
    if (got == 0 && wanted > 0) return CURL_READFUNC_ABORT;  // the file became shorter
    transfer.left -= got;
    return got;
  }
  const std::size_t bytes = std::min(room, transfer.text.size());
  std::copy_n(transfer.text.data(), bytes, data);
  transfer.text.remove_prefix(bytes);
  return bytes;
}

/// libcurl begins anew by itself where a connection that it kept turns out to be closed.
int rewind_body(void* user, curl_off_t offset, int origin) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (offset != 0 || origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  if (!transfer.file) {
    transfer.text = transfer.request->body;
    return CURL_SEEKFUNC_OK;
  }
  transfer.left = transfer.size;
  return fseeko(transfer.file.get(), static_cast<off_t>(transfer.first), SEEK_SET) == 0 ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

int watch(void* user, curl_off_t, curl_off_t down, curl_off_t, curl_off_t up) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (std::exchange(transfer.moved, down + up) != down + up) {
    transfer.patience->moved();
  } else {
    transfer.patience->still(down > 0 ? "its answer stands still" : "no answer yet");
  }
  const auto set = [](const std::atomic<bool>* flag) { return flag != nullptr && flag->load(); };
  return set(transfer.stop) || set(transfer.own_stop) ? 1 : 0;
}

/// The address as it will be connected to, whatever the name led to before.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (!transfer.rules->may_connect(transfer.host, address->addr)) {
    transfer.forbidden = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool passing(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return true;
    default: return false;
  }
}

bool passing(long status) { return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504; }

}  // namespace

std::string Response::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

struct Client::State {
  explicit State(ClientOptions o) : options(std::move(o)) {}

  ClientOptions options;
  std::mutex mutex;
  std::condition_variable returned;
  std::vector<Handle> idle;

  [[nodiscard]] bool stopped(const Request& request) const {
    return (options.stop != nullptr && options.stop->load()) || (request.stop != nullptr && request.stop->load());
  }

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
  /// Ends early where it was asked to stop meanwhile.
  void pause(double seconds, const Request& request, const std::string& why, Patience& patience) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (!stopped(request) && std::chrono::steady_clock::now() < until) {
      patience.still(why);
      std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(std::chrono::milliseconds(50), until - std::chrono::steady_clock::now()));
    }
  }

  CURLcode attempt(const Request& request, Transfer& transfer) const;
  CURLcode ask(const Request& request, const std::string& url, Transfer& transfer) const;
};

namespace {

/// What is sent: nothing, the request's text or a stretch of a file.
bool load(CURL* curl, const Request& request, Transfer& transfer) {
  const bool sends =
      request.file.has_value() || !request.body.empty() || request.method == "PUT" || request.method == "POST" || request.method == "PATCH";
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  if (!sends) return true;
  std::uint64_t size = request.body.size();
  if (request.file) {
    transfer.file.reset(std::fopen(request.file->path.c_str(), "rb"));
    if (!transfer.file || fseeko(transfer.file.get(), static_cast<off_t>(request.file->first), SEEK_SET) != 0) return false;
    transfer.first = request.file->first;
    size = transfer.size = transfer.left = request.file->size;
  } else {
    transfer.text = request.body;
  }
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(size));
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
  curl_easy_setopt(curl, CURLOPT_READDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, rewind_body);
  curl_easy_setopt(curl, CURLOPT_SEEKDATA, &transfer);
  return true;
}

}  // namespace

CURLcode Client::State::attempt(const Request& request, Transfer& transfer) const {
  if (!options.rules) return ask(request, request.url, transfer);
  // Redirects are followed here, so that each is judged as the first address was.
  transfer.rules = options.rules.get();
  std::string url = request.url;
  for (int redirects = 0;; ++redirects) {
    auto host = transfer.rules->host_of(url);
    if (!host) {
      transfer.refusal = std::move(host).error();
      return CURLE_URL_MALFORMAT;
    }
    transfer.host = std::move(*host);
    transfer.response = Response();
    const CURLcode code = ask(request, url, transfer);
    char* next = nullptr;
    curl_easy_getinfo(transfer.curl, CURLINFO_REDIRECT_URL, &next);
    if (code != CURLE_OK || !options.follow || next == nullptr) return code;
    if (redirects == most_redirects) return CURLE_TOO_MANY_REDIRECTS;
    url = next;
  }
}

CURLcode Client::State::ask(const Request& request, const std::string& url, Transfer& transfer) const {
  CURL* curl = transfer.curl;
  curl_easy_reset(curl);  // keeps the connection
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, options.follow && transfer.rules == nullptr ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, static_cast<long>(most_redirects));
  if (transfer.rules != nullptr) {
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  }
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
                   options.timeout_seconds > 0 ? std::min(options.timeout_seconds, options.connect_seconds) : options.connect_seconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, options.timeout_seconds);
  if (options.timeout_seconds == 0) {
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 30L);
  }
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, request.sink ? nullptr : "");  // what is stored arrives as it lies there
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "fair-edge");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  for (const auto& [option, text] : {std::pair{CURLOPT_CAINFO_BLOB, &options.tls.authority},
                                     {CURLOPT_SSLCERT_BLOB, &options.tls.certificate},
                                     {CURLOPT_SSLKEY_BLOB, &options.tls.key}}) {
    curl_blob blob{const_cast<char*>(text->data()), text->size(), CURL_BLOB_COPY};
    if (!text->empty()) curl_easy_setopt(curl, option, &blob);
  }
  if (!options.tls.verify) {
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (!load(curl, request, transfer)) return CURLE_READ_ERROR;
  List headers(nullptr, curl_slist_free_all);
  const auto add = [&headers](const std::string& line) { headers.reset(curl_slist_append(headers.release(), line.c_str())); };
  for (const auto& [name, value] : request.headers) add(value.empty() ? name + ";" : name + ": " + value);
  add("Expect:");  // a round trip before every upload
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &transfer.response.status);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, nullptr);
  return code;
}

Client::Client(std::unique_ptr<State> state) : state_(std::move(state)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

const ClientOptions& Client::options() const { return state_->options; }

Result<Client> Client::create(const ClientOptions& options) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  auto state = std::make_unique<State>(options);
  for (int i = 0; i < std::clamp(options.connections, 1, 64); ++i) {
    Handle handle(curl_easy_init(), curl_easy_cleanup);
    if (ready != CURLE_OK || !handle) return fail(Code::io, "http", "a connection", "libcurl does not start", "check the installation of libcurl");
    state->idle.push_back(std::move(handle));
  }
  return Client(std::move(state));
}

Result<Response> Client::send(Request request) const {
  State& state = *state_;
  const ClientOptions& options = state.options;
  double pause = options.first_pause_seconds;
  Patience patience(shown(request.url));
  for (int attempt = 1;; ++attempt) {
    if (state.stopped(request)) return fail(Code::cancelled, shown(request.url), "an answer", "a request to stop");
    if (request.sign) FAIR_TRY(request.sign(request));
    Transfer transfer;
    transfer.request = &request;
    transfer.most_bytes = options.most_bytes;
    transfer.stop = options.stop;
    transfer.own_stop = request.stop;
    transfer.patience = &patience;
    Handle handle = state.borrow();
    transfer.curl = handle.get();
    const CURLcode code = state.attempt(request, transfer);
    curl_off_t asked = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RETRY_AFTER, &asked);
    state.give_back(std::move(handle));
    transfer.response.attempts = attempt;

    if (transfer.too_large) {
      return fail(Code::invalid, shown(request.url), "an answer of at most " + std::to_string(options.most_bytes >> 20U) + " MB", "more",
                  "check the address");
    }
    if (transfer.refusal) return fail(std::move(*transfer.refusal));
    if (transfer.forbidden && code != CURLE_OK) {
      return fail(Code::usage, shown(request.url), "an address on the internet", "a host inside a private network",
                  "whoever runs this server can allow it");
    }
    if (code == CURLE_ABORTED_BY_CALLBACK && state.stopped(request)) continue;  // leaves above
    const bool answered = code == CURLE_OK;
    bool again = answered ? passing(transfer.response.status) : passing(code);
    if (transfer.handed_out || attempt >= options.attempts) again = false;
    const bool patient = static_cast<double>(asked) <= options.longest_pause_seconds;
    if (answered && (!again || !patient)) {
      if (!patient) transfer.response.asked_to_wait = static_cast<long>(asked);
      return std::move(transfer.response);
    }
    if (!again) {
      std::string found = transfer.refused ? "it could not be kept" : curl_easy_strerror(code);
      if (attempt > 1) found += ", " + std::to_string(attempt) + " times";
      return fail(Code::io, shown(request.url), "an answer", found, "check the address and the network");
    }
    // Callers that were refused together should not come back together.
    thread_local std::minstd_rand random{std::random_device{}()};
    const double jitter = std::uniform_real_distribution<double>(0.75, 1.25)(random);
    const std::string why = answered ? "status " + std::to_string(transfer.response.status) : curl_easy_strerror(code);
    state.pause(std::max(static_cast<double>(asked), std::min(pause * jitter, options.longest_pause_seconds)), request,
                why + "; attempt " + std::to_string(attempt + 1) + " of " + std::to_string(options.attempts) + " follows", patience);
    pause *= 2;
  }
}

std::string outcome(const Response& response) {
  std::string found = "status " + std::to_string(response.status);
  if (response.attempts > 1) found += ", " + std::to_string(response.attempts) + " times";
  if (response.asked_to_wait > 0) found += " and a wish to be asked again in " + std::to_string(response.asked_to_wait) + " s";
  return found;
}

}  // namespace fair::http
