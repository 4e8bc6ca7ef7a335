#include "native/serve/listener.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "native/serve/request_line.h"

namespace fair::serve {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using Failure = boost::system::error_code;

constexpr std::size_t piece_bytes = std::size_t{256} << 10U;
constexpr std::size_t queued_bytes = std::size_t{1} << 20U;
constexpr double linger_seconds = 2;
constexpr int client_left = 499;

Clock::duration seconds(double s) { return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(s)); }

class Connection;

/// What connections share with the listener that made them.
struct Hall {
  ListenerOptions options;
  asio::io_context io;
  Listener::Handler handler;
  std::function<void(const Request&, Answer&)> dress;
  std::function<void(const Served&)> told;
  std::atomic<bool> closing{false};
  std::mutex mutex;
  std::set<Connection*> connections;
  std::function<void()> ended;  ///< told when the last connection is gone, once there is one to tell
};

/// One client. Everything but the counters behind `mutex_` happens on its strand.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Hall> hall, tcp::socket socket)
      : hall_(std::move(hall)), socket_(std::move(socket)), timer_(socket_.get_executor()), watch_timer_(socket_.get_executor()) {
    const std::lock_guard lock(hall_->mutex);
    hall_->connections.insert(this);
  }
  ~Connection() {
    const std::lock_guard lock(hall_->mutex);
    hall_->connections.erase(this);
    if (hall_->connections.empty() && hall_->ended) hall_->ended();
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start(bool welcome) {
    Failure ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    const auto peer = socket_.remote_endpoint(ignored);
    if (!ignored) peer_ = peer.address().to_string();
    if (welcome) return read_first(hall_->options.header_seconds);
    keep_ = false;
    refuse(503, "too many connections; try again later");
  }

  /// Idle ones close, others after their answer.
  void retire() {
    on_strand([](Connection& c) {
      c.keep_ = false;
      if (c.idle_) c.close();
    });
  }
  void break_off() {
    on_strand([](Connection& c) { c.close(); });
  }

  void answer(Answer answer) {
    on_strand([answer = std::move(answer)](Connection& c) mutable { c.send(std::move(answer), false); });
  }
  void begin(Answer head) {
    on_strand([head = std::move(head)](Connection& c) mutable { c.send(std::move(head), true); });
  }
  bool write(std::string piece) {
    {
      std::unique_lock lock(mutex_);
      taken_.wait(lock, [this] { return queued_ < queued_bytes || left_; });
      if (left_) return false;
      queued_ += piece.size();
    }
    on_strand([piece = std::move(piece)](Connection& c) mutable { c.send_piece(std::move(piece)); });
    return true;
  }
  void end(bool whole) {
    on_strand([whole](Connection& c) {
      if (!whole) return c.leave(false);
      if (c.chunked_) c.out_.push_back("0\r\n\r\n");
      c.last_ = true;
      c.write_next();
    });
  }
  void watch(double limit, std::function<void(Exchange::End)> then) {
    on_strand([limit, then = std::move(then)](Connection& c) mutable {
      if (c.gone()) return then(Exchange::End::left);
      c.then_ = std::move(then);
      if (limit <= 0) return;
      c.watch_timer_.expires_after(seconds(limit));
      c.watch_timer_.async_wait([self = c.shared_from_this()](Failure failure) {
        if (!failure) self->tell(Exchange::End::late);
      });
    });
  }

 private:
  template <class F>
  void on_strand(F work) {
    asio::post(socket_.get_executor(), [self = shared_from_this(), work = std::move(work)]() mutable { work(*self); });
  }

  bool gone() {
    const std::lock_guard lock(mutex_);
    return left_;
  }

  /// What is under way ends after this time, once; then `late_` says so.
  void allow(double time) {
    late_ = false;
    timer_.expires_after(seconds(time));
    timer_.async_wait([self = shared_from_this()](Failure failure) {
      if (failure || self->timer_.expiry() > Clock::now()) return;
      self->late_ = true;
      Failure ignored;
      self->socket_.cancel(ignored);
    });
  }

  void read_first(double patience) {
    idle_ = true;
    if (!keep_ || hall_->closing) return close();
    if (buffer_.size() > 0) return read_header();
    allow(patience);
    socket_.async_read_some(buffer_.prepare(4096), [self = shared_from_this()](Failure failure, std::size_t bytes) {
      if (failure) return self->close();
      self->buffer_.commit(bytes);
      self->read_header();
    });
  }

  void read_header() {
    idle_ = false;
    started_ = Clock::now();
    parser_.emplace();
    parser_->header_limit(hall_->options.header_bytes);
    parser_->body_limit(hall_->options.body_bytes);
    allow(hall_->options.header_seconds);
    http::async_read_header(socket_, buffer_, *parser_, [self = shared_from_this()](Failure failure, std::size_t) {
      if (failure) return self->unreadable(failure);
      self->allow(self->hall_->options.body_seconds);
      if (boost::beast::iequals(self->parser_->get()[http::field::expect], "100-continue")) return self->encourage();
      self->read_body();
    });
  }

  void encourage() {
    static const std::string line = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(socket_, asio::buffer(line), [self = shared_from_this()](Failure failure, std::size_t) {
      if (failure) return self->close();
      self->read_body();
    });
  }

  void read_body() {
    http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](Failure failure, std::size_t) {
      if (failure) return self->unreadable(failure);
      self->hand_over();
    });
  }

  void unreadable(Failure failure) {
    if (late_) return refuse(408, "the request did not come in time");
    if (failure == http::error::body_limit) return refuse(413, "the body is larger than " + std::to_string(hall_->options.body_bytes) + " bytes");
    if (failure == http::error::header_limit)
      return refuse(431, "the headers are larger than " + std::to_string(hall_->options.header_bytes) + " bytes");
    if (failure == http::error::end_of_stream || failure == http::error::partial_message ||
        failure.category() != http::make_error_code(http::error::bad_method).category()) {
      return close();
    }
    refuse(400, "this is no HTTP/1.1 request: " + failure.message());
  }

  /// Of requests that never became one.
  void refuse(int status, const std::string& sentence) {
    keep_ = false;
    unread_ = true;
    request_ = std::make_shared<Request>();
    request_->peer = peer_;
    request_->id = made_up_id();
    send({status, "application/json", Json{{"error", sentence}}.dump(-1, ' ', false, Json::error_handler_t::replace), {}, {}}, false);
  }

  void hand_over();

  void watch_client() {
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this(), serial = serial_](Failure failure) {
      if (failure || serial != self->serial_) return;
      char byte = 0;
      const auto n = ::recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
      // More bytes are the next request, sent early; it waits for its turn.
      if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) self->leave(true);
    });
  }

  void tell(Exchange::End end) {
    watch_timer_.cancel();
    if (auto then = std::exchange(then_, nullptr)) then(end);
  }

  /// `by_itself`: the client went; otherwise we break off.
  void leave(bool by_itself) {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(left_, true)) return;
    }
    taken_.notify_all();
    if (by_itself) tell(Exchange::End::left);
    report(status_ == 0 ? client_left : status_);
    close();
  }

  void report(int status) {
    if (!request_ || std::exchange(reported_, true)) return;
    if (hall_->told) hall_->told({*request_, status, sent_, std::chrono::duration<double>(Clock::now() - started_).count()});
  }

  void send(Answer answer, bool stream) {
    if (gone() || status_ != 0) return;
    if (hall_->dress) hall_->dress(*request_, answer);
    status_ = answer.status;
    if (hall_->closing) keep_ = false;
    file_ = answer.file;
    const bool bodiless = head_only_ || answer.status == 204 || answer.status == 304;
    chunked_ = stream && !old_;
    if (stream && old_) keep_ = false;
    std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " ";
    const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(answer.status)));
    out.append(reason.data(), reason.size()).append("\r\n");
    const auto add = [&out](const std::string& name, const std::string& value) {
      if (value.find_first_of("\r\n") == std::string::npos) out += name + ": " + value + "\r\n";
    };
    if (!answer.type.empty()) add("Content-Type", answer.type);
    for (const auto& [name, value] : answer.headers) add(name, value);
    if (chunked_) add("Transfer-Encoding", "chunked");
    if (!stream && answer.status != 204) add("Content-Length", std::to_string(file_ ? file_->size : answer.body.size()));
    add("X-Request-Id", request_->id);
    add("Connection", keep_ ? "keep-alive" : "close");
    out += "\r\n";
    out_.push_back(std::move(out));
    if (bodiless) file_.reset();
    last_ = !stream;
    if (!bodiless && !answer.body.empty()) {
      if (stream) {
        send_piece(std::move(answer.body));
      } else {
        out_.push_back(std::move(answer.body));
      }
    }
    write_next();
  }

  void send_piece(std::string piece) {
    if (gone()) return;
    if (piece.empty() || head_only_) return;
    if (chunked_) {
      char size[24];
      std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
      piece.insert(0, size).append("\r\n");
    }
    out_.push_back(std::move(piece));
    write_next();
  }

  void write_next() {
    if (writing_ || gone()) return;
    if (out_.empty() && file_ && file_->size > 0) {
      std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(file_->size, piece_bytes)), '\0');
      const auto n = ::pread(*file_->descriptor, piece.data(), piece.size(), static_cast<off_t>(file_->first));
      if (n <= 0) return leave(false);  // the file became shorter than was said
      piece.resize(static_cast<std::size_t>(n));
      file_->first += static_cast<std::uint64_t>(n);
      file_->size -= static_cast<std::uint64_t>(n);
      out_.push_back(std::move(piece));
    }
    if (out_.empty()) {
      if (last_) complete();
      return;
    }
    writing_ = true;
    allow(hall_->options.write_seconds);
    std::vector<asio::const_buffer> pieces;
    std::size_t room = piece_bytes, skipped = written_;
    for (const std::string& text : out_) {
      const std::size_t bytes = std::min(room, text.size() - skipped);
      pieces.emplace_back(text.data() + skipped, bytes);
      skipped = 0;
      room -= bytes;
      if (room == 0) break;
    }
    asio::async_write(socket_, pieces, [self = shared_from_this()](Failure failure, std::size_t bytes) {
      self->writing_ = false;
      self->sent_ += bytes;
      if (failure) return self->leave(true);
      self->written_ += bytes;
      {
        const std::lock_guard lock(self->mutex_);
        self->queued_ -= std::min(self->queued_, bytes);
      }
      self->taken_.notify_all();
      while (!self->out_.empty() && self->written_ >= self->out_.front().size()) {
        self->written_ -= self->out_.front().size();
        self->out_.pop_front();
      }
      self->write_next();
    });
  }

  void complete() {
    report(status_);
    ++serial_;
    then_ = nullptr;
    watch_timer_.cancel();
    timer_.cancel();
    Failure ignored;
    socket_.cancel(ignored);
    work_.reset();
    status_ = 0, sent_ = 0;
    reported_ = false;
    request_.reset();
    if (keep_) return read_first(hall_->options.idle_seconds);
    if (unread_) return linger();
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    close();
  }

  /// A client that is still sending would not see the answer if the connection were closed on it.
  void linger() {
    Failure ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    allow(linger_seconds);
    drop_rest(std::make_shared<std::vector<char>>(16384), 64);
  }
  void drop_rest(const std::shared_ptr<std::vector<char>>& room, int left) {
    socket_.async_read_some(asio::buffer(*room), [self = shared_from_this(), room, left](Failure failure, std::size_t) {
      if (failure || left == 0) return self->close();
      self->drop_rest(room, left - 1);
    });
  }

  void close() {
    ++serial_;
    timer_.cancel();
    watch_timer_.cancel();
    work_.reset();
    Failure ignored;
    socket_.close(ignored);
    {
      const std::lock_guard lock(mutex_);
      left_ = true;
    }
    taken_.notify_all();
    tell(Exchange::End::left);
  }

  std::shared_ptr<Hall> hall_;
  tcp::socket socket_;
  asio::steady_timer timer_, watch_timer_;
  std::string peer_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::shared_ptr<Request> request_;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;  ///< while somebody else thinks about an answer
  Clock::time_point started_ = Clock::now();
  bool idle_ = true, keep_ = true, old_ = false, head_only_ = false, late_ = false, unread_ = false;
  std::uint64_t serial_ = 0;
  std::function<void(Exchange::End)> then_;

  int status_ = 0;
  std::uint64_t sent_ = 0;
  bool chunked_ = false, last_ = false, writing_ = false, reported_ = false;
  std::deque<std::string> out_;
  std::size_t written_ = 0;  ///< of the first of them
  std::optional<FileBody> file_;

  std::mutex mutex_;
  std::condition_variable taken_;
  std::size_t queued_ = 0;  ///< bytes of a streamed answer that were handed in and not yet taken
  bool left_ = false;
};

class HandedOver final : public Exchange {
 public:
  HandedOver(std::shared_ptr<Connection> connection, std::shared_ptr<const Request> request)
      : connection_(std::move(connection)), request_(std::move(request)) {}
  ~HandedOver() override {
    if (!answered_) connection_->answer({500, "application/json", R"({"error":"nobody answered"})", {}, {}});
    if (begun_ && !ended_) connection_->end(false);
  }
  HandedOver(const HandedOver&) = delete;
  HandedOver& operator=(const HandedOver&) = delete;

  [[nodiscard]] const Request& request() const override { return *request_; }
  void answer(Answer answer) override {
    if (!answered_.exchange(true)) connection_->answer(std::move(answer));
  }
  void begin(Answer head) override {
    if (answered_.exchange(true)) return;
    begun_ = true;
    connection_->begin(std::move(head));
  }
  bool write(std::string piece) override { return begun_ && connection_->write(std::move(piece)); }
  void end(bool whole) override {
    if (begun_ && !ended_.exchange(true)) connection_->end(whole);
  }
  void watch(double limit, std::function<void(End)> then) override { connection_->watch(limit, std::move(then)); }

 private:
  std::shared_ptr<Connection> connection_;
  std::shared_ptr<const Request> request_;
  std::atomic<bool> answered_{false}, begun_{false}, ended_{false};
};

void Connection::hand_over() {
  timer_.cancel();
  auto message = parser_->release();
  parser_.reset();
  old_ = message.version() < 11;
  keep_ = keep_ && message.keep_alive();
  auto request = std::make_shared<Request>();
  const auto method = message.method_string();
  request->method.assign(method.data(), method.size());
  head_only_ = request->method == "HEAD";
  request->peer = peer_;
  for (const auto& field : message) {
    std::string name(field.name_string().data(), field.name_string().size());
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    std::string& value = request->headers[name];
    if (!value.empty()) value += ", ";
    value.append(field.value().data(), field.value().size());
  }
  request->id = request_id(request->header("x-request-id"));
  request->body = std::move(message.body());
  request_ = request;
  if (!read_target(std::string(message.target().data(), message.target().size()), *request)) {
    keep_ = false;
    return send({400, "application/json", R"({"error":"the path cannot be read: it is not percent-encoded as RFC 3986 says"})", {}, {}}, false);
  }
  work_.emplace(hall_->io.get_executor());
  watch_client();
  const auto exchange = std::make_shared<HandedOver>(shared_from_this(), request);
  try {
    hall_->handler(exchange);
  } catch (const std::exception&) {
    exchange->answer({500, "application/json", R"({"error":"a fault of this server"})", {}, {}});
  }
}

}  // namespace

struct Listener::State {
  std::shared_ptr<Hall> hall = std::make_shared<Hall>();
  tcp::acceptor acceptor{asio::make_strand(hall->io)};
  asio::steady_timer patience{hall->io}, breath{acceptor.get_executor()};
  int port = 0;
  std::atomic<bool> asked_to_stop{false};

  void accept() {
    acceptor.async_accept(asio::make_strand(hall->io), [this](Failure failure, tcp::socket socket) {
      if (failure == asio::error::operation_aborted || !acceptor.is_open()) return;
      if (failure) {  // no descriptor is left, mostly: some will come free
        breath.expires_after(std::chrono::milliseconds(50));
        return breath.async_wait([this](Failure) { accept(); });
      }
      std::size_t open = 0;
      {
        const std::lock_guard lock(hall->mutex);
        open = hall->connections.size();
      }
      std::make_shared<Connection>(hall, std::move(socket))->start(open < static_cast<std::size_t>(hall->options.connections));
      accept();
    });
  }
  void each(void (Connection::*what)()) {
    std::vector<std::shared_ptr<Connection>> all;
    {
      const std::lock_guard lock(hall->mutex);
      for (Connection* c : hall->connections) {
        if (auto alive = c->weak_from_this().lock()) all.push_back(std::move(alive));
      }
    }
    for (const auto& c : all) (c.get()->*what)();
  }
};

Listener::Listener(std::shared_ptr<State> state) : state_(std::move(state)) {}
Listener::Listener(Listener&&) noexcept = default;
Listener::~Listener() = default;

Result<Listener> Listener::bind(const ListenerOptions& options) {
  auto state = std::make_shared<State>();
  state->hall->options = options;
  Failure failure;
  const auto address = asio::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host, failure);
  if (failure) return fail(Code::usage, "host " + options.host, "an address such as 127.0.0.1, 0.0.0.0 or ::", "something else", "give the address");
  const tcp::endpoint where(address, static_cast<std::uint16_t>(options.port));
  tcp::acceptor& acceptor = state->acceptor;
  acceptor.open(where.protocol(), failure);
  // Ports of a former run may be taken over at once; one that somebody listens on may not.
  if (!failure) acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure) acceptor.bind(where, failure);
  if (!failure) acceptor.listen(1024, failure);
  if (failure) {
    return fail(failure == asio::error::address_in_use ? Code::conflict : Code::io, options.host + ":" + std::to_string(options.port), "a free port",
                failure.message(), "give another with --port, or 0 for any free one");
  }
  state->port = acceptor.local_endpoint(failure).port();
  return Listener(std::move(state));
}

int Listener::port() const { return state_->port; }

void Listener::dress(std::function<void(const Request&, Answer&)> dressing) { state_->hall->dress = std::move(dressing); }

void Listener::on_served(std::function<void(const Served&)> told) { state_->hall->told = std::move(told); }

Result<> Listener::run(Handler handler) {
  State& state = *state_;
  Hall& hall = *state.hall;
  hall.handler = std::move(handler);
  if (!state.asked_to_stop) state.accept();
  std::vector<std::thread> threads;
  for (int i = 1; i < hall.options.threads; ++i) threads.emplace_back([&hall] { hall.io.run(); });
  hall.io.run();
  for (std::thread& thread : threads) thread.join();
  // Where patience ended first: what is left is closed, and the handlers that wait for it are heard.
  state.each(&Connection::break_off);
  hall.io.restart();
  hall.io.poll();
  {
    const std::lock_guard lock(hall.mutex);
    hall.ended = nullptr;
  }
  hall.handler = nullptr;
  return {};
}

void Listener::stop(std::chrono::milliseconds patience) {
  if (state_->asked_to_stop.exchange(true)) return;
  asio::post(state_->acceptor.get_executor(), [state = state_, patience] {
    state->hall->closing = true;
    Failure ignored;
    state->acceptor.close(ignored);
    state->each(&Connection::retire);
    const std::lock_guard lock(state->hall->mutex);
    if (state->hall->connections.empty()) return;
    state->hall->ended = [state] { asio::post(state->patience.get_executor(), [state] { state->patience.cancel(); }); };
    state->patience.expires_after(patience);
    state->patience.async_wait([state](Failure failure) {
      if (!failure) state->hall->io.stop();
    });
  });
}

}  // namespace fair::serve
