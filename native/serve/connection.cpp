#include "native/serve/connection.h"

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "native/serve/outbox.h"
#include "native/serve/request_line.h"
#include "native/serve/stream_gate.h"

namespace fair::serve {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using Failure = boost::system::error_code;

constexpr std::size_t queued_bytes = std::size_t{1} << 20U;
constexpr std::size_t early_bytes = std::size_t{64} << 10U;
constexpr double linger_seconds = 2;
constexpr int client_left = 499;

Clock::duration seconds(double s) { return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(s)); }

/// One client. Everything but the gate is used on its strand alone.
class ClientConnection final : public Connection {
 public:
  ClientConnection(std::shared_ptr<Hall> hall, tcp::socket socket)
      : hall_(std::move(hall)), socket_(std::move(socket)), timer_(socket_.get_executor()), watch_timer_(socket_.get_executor()) {
    const std::lock_guard lock(hall_->mutex);
    hall_->connections.insert(this);
  }
  ~ClientConnection() override {
    const std::lock_guard lock(hall_->mutex);
    hall_->connections.erase(this);
    if (hall_->connections.empty() && hall_->ended) hall_->ended();
  }
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  void start(bool welcome) {
    Failure ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
    const auto peer = socket_.remote_endpoint(ignored);
    if (!ignored) peer_ = peer.address().to_string();
    if (welcome) return read_first(hall_->options.header_seconds);
    keep_ = false;
    refuse(503, "too many connections; try again later");
  }

  void retire() override {
    on_strand([](ClientConnection& c) {
      c.keep_ = false;
      if (c.idle_) c.close();
    });
  }
  void break_off() override {
    on_strand([](ClientConnection& c) { c.close(); });
  }

  void answer(Answer answer) {
    on_strand([answer = std::move(answer)](ClientConnection& c) mutable { c.send(std::move(answer), false); });
  }
  void begin(Answer head) {
    on_strand([head = std::move(head)](ClientConnection& c) mutable { c.send(std::move(head), true); });
  }
  bool write(std::string piece) {
    if (!gate_.enter(piece.size())) return false;
    on_strand([piece = std::move(piece)](ClientConnection& c) mutable { c.send_piece(std::move(piece)); });
    return true;
  }
  void end(bool whole) {
    on_strand([whole](ClientConnection& c) {
      if (!whole) return c.leave(false);
      c.outbox_.finish();
      c.write_next();
    });
  }
  void watch(double limit, std::function<void(Exchange::End)> then) {
    on_strand([limit, then = std::move(then)](ClientConnection& c) mutable {
      if (c.gone()) return then(Exchange::End::left);
      c.then_ = std::move(then);
      if (limit <= 0) return;
      c.watch_timer_.expires_after(seconds(limit));
      c.watch_timer_.async_wait([self = c.me()](Failure failure) {
        if (!failure) self->tell(Exchange::End::late);
      });
    });
  }

 private:
  std::shared_ptr<ClientConnection> me() { return std::static_pointer_cast<ClientConnection>(shared_from_this()); }

  template <class F>
  void on_strand(F work) {
    asio::post(socket_.get_executor(), [self = me(), work = std::move(work)]() mutable { work(*self); });
  }

  [[nodiscard]] bool gone() const { return gate_.closed(); }

  /// What is under way ends after this time, once; then `late_` says so.
  void allow(double time) {
    late_ = false;
    timer_.expires_after(seconds(time));
    timer_.async_wait([self = me()](Failure failure) {
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
    socket_.async_read_some(buffer_.prepare(4096), [self = me()](Failure failure, std::size_t bytes) {
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
    http::async_read_header(socket_, buffer_, *parser_, [self = me()](Failure failure, std::size_t) {
      if (failure) return self->unreadable(failure);
      self->allow(self->hall_->options.body_seconds);
      if (boost::beast::iequals(self->parser_->get()[http::field::expect], "100-continue")) return self->encourage();
      self->read_body();
    });
  }

  void encourage() {
    static const std::string line = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(socket_, asio::buffer(line), [self = me()](Failure failure, std::size_t) {
      if (failure) return self->close();
      self->read_body();
    });
  }

  void read_body() {
    http::async_read(socket_, buffer_, *parser_, [self = me()](Failure failure, std::size_t) {
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

  /// Until the answer is complete. What comes early is the next request's; it waits in the buffer for its turn, so that the end behind it is seen.
  void watch_client() {
    socket_.async_wait(tcp::socket::wait_read, [self = me(), serial = serial_](Failure failure) {
      if (failure || serial != self->serial_) return;
      for (;;) {
        if (self->buffer_.size() >= early_bytes) return;  // whoever sends that much at once is heard again once it is answered
        Failure why;
        const std::size_t bytes = self->socket_.read_some(self->buffer_.prepare(4096), why);
        if (why == asio::error::would_block || why == asio::error::try_again) break;  // it was woken for what had been read before
        if (why && why != asio::error::interrupted) return self->leave(true);
        self->buffer_.commit(bytes);
      }
      self->watch_client();
    });
  }

  void tell(Exchange::End end) {
    watch_timer_.cancel();
    if (auto then = std::exchange(then_, nullptr)) then(end);
  }

  /// `by_itself`: the client went; otherwise we break off.
  void leave(bool by_itself) {
    if (!gate_.close()) return;
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
    if (hall_->closing || (stream && old_)) keep_ = false;
    outbox_.begin(std::move(answer), {request_->id, keep_, stream, old_, head_only_});
    write_next();
  }

  void send_piece(std::string piece) {
    if (gone()) return;
    outbox_.add(std::move(piece));
    write_next();
  }

  void write_next() {
    if (writing_ || gone()) return;
    const auto next = outbox_.next();
    if (!next) return leave(false);
    if (next->empty()) {
      if (outbox_.done()) complete();
      return;
    }
    writing_ = true;
    allow(hall_->options.write_seconds);
    std::vector<asio::const_buffer> pieces;
    for (const std::string_view piece : *next) pieces.emplace_back(piece.data(), piece.size());
    asio::async_write(socket_, pieces, [self = me()](Failure failure, std::size_t bytes) {
      self->writing_ = false;
      self->sent_ += bytes;
      if (failure) return self->leave(true);
      self->gate_.sent(bytes);
      self->outbox_.written(bytes);
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
    socket_.async_read_some(asio::buffer(*room), [self = me(), room, left](Failure failure, std::size_t) {
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
    gate_.close();
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
  bool writing_ = false, reported_ = false;
  Outbox outbox_;

  StreamGate gate_{queued_bytes};  ///< closed once the client is gone
};

class HandedOver final : public Exchange {
 public:
  HandedOver(std::shared_ptr<ClientConnection> connection, std::shared_ptr<const Request> request)
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
  std::shared_ptr<ClientConnection> connection_;
  std::shared_ptr<const Request> request_;
  std::atomic<bool> answered_{false}, begun_{false}, ended_{false};
};

void ClientConnection::hand_over() {
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
  const auto exchange = std::make_shared<HandedOver>(me(), request);
  try {
    hall_->handler(exchange);
  } catch (const std::exception&) {
    exchange->answer({500, "application/json", R"({"error":"a fault of this server"})", {}, {}});
  }
}

}  // namespace

void Connection::begin(const std::shared_ptr<Hall>& hall, tcp::socket socket, bool welcome) {
  std::make_shared<ClientConnection>(hall, std::move(socket))->start(welcome);
}

}  // namespace fair::serve
