#include "native/serve/listener.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace fair::serve {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// A listener on a free port, run by a thread; what it served is counted.
class Listening : public testing::Test {
 protected:
  void start(Listener::Handler handler) {
    auto bound = Listener::bind(options_);
    ASSERT_TRUE(bound) << bound.error().message();
    listener_ = std::make_unique<Listener>(std::move(*bound));
    listener_->on_served([this](const Served& served) {
      ++served_;
      last_status_ = served.status;
    });
    thread_ = std::thread([this, handler = std::move(handler)] { EXPECT_TRUE(listener_->run(handler)); });
  }
  void stop(std::chrono::milliseconds patience = std::chrono::seconds(5)) {
    if (listener_) listener_->stop(patience);
    if (thread_.joinable()) thread_.join();
  }
  void TearDown() override { stop(); }
  [[nodiscard]] httplib::Client client() const { return httplib::Client("127.0.0.1", listener_->port()); }

  /// A bare connection: sends what it is told and reads until the server closes or `milliseconds` pass without a byte.
  class Wire {
   public:
    explicit Wire(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
      sockaddr_in where{};
      where.sin_family = AF_INET;
      where.sin_port = htons(static_cast<std::uint16_t>(port));
      inet_pton(AF_INET, "127.0.0.1", &where.sin_addr);
      EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&where), sizeof where), 0);
    }
    ~Wire() { close(); }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    void close() {
      if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    }
    bool send(const std::string& bytes) const {
      return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    }
    [[nodiscard]] std::string read(int milliseconds = 3000, std::size_t most = 1U << 20U) const {
      timeval patience{milliseconds / 1000, milliseconds % 1000 * 1000};
      setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      std::string out;
      char piece[4096];
      for (ssize_t n = 1; n > 0 && out.size() < most;) {
        n = ::recv(socket_, piece, sizeof piece, 0);
        if (n > 0) out.append(piece, static_cast<std::size_t>(n));
      }
      return out;
    }

   private:
    int socket_;
  };

  ListenerOptions options_;
  std::unique_ptr<Listener> listener_;
  std::thread thread_;
  std::atomic<int> served_{0}, last_status_{0};
};

void say(const std::shared_ptr<Exchange>& exchange, const std::string& text) { exchange->answer({200, "text/plain", text, {}, {}}); }

TEST_F(Listening, CarriesRequestsAndAnswersBothWays) {
  start([](const std::shared_ptr<Exchange>& exchange) {
    const Request& r = exchange->request();
    say(exchange, r.method + " " + r.path + " " + (r.query.count("a b") > 0 ? r.query.at("a b") : "-") + " " + r.body);
  });
  auto c = client();
  c.set_keep_alive(true);
  EXPECT_EQ(c.Get("/x%20y?a%20b=1%2B2&c")->body, "GET /x y 1+2 ");
  const auto posted = c.Post("/p", std::string(100'000, 'x'), "text/plain");
  ASSERT_TRUE(posted);
  EXPECT_EQ(posted->body.size(), 100'000 + std::string("POST /p - ").size());
  EXPECT_EQ(posted->get_header_value("X-Request-Id").size(), 16U);
  const auto named = c.Get("/", httplib::Headers{{"X-Request-Id", "abc-1.2"}});
  EXPECT_EQ(named->get_header_value("X-Request-Id"), "abc-1.2");
  EXPECT_EQ(c.Head("/")->body, "");
  // Told when the last byte is handed to the system, which may be after the client has it.
  for (int i = 0; i < 500 && served_ < 4; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(served_, 4);
}

TEST_F(Listening, TakesChunkedBodiesPipelinedRequestsAndContinue) {
  start([](const std::shared_ptr<Exchange>& exchange) { say(exchange, "<" + exchange->request().body + ">"); });
  const Wire wire(listener_->port());
  wire.send(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string both = wire.read();
  EXPECT_NE(both.find("<abc>"), std::string::npos) << both;
  EXPECT_NE(both.find("<>"), std::string::npos) << both;
  const Wire careful(listener_->port());
  careful.send("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(careful.read(300).rfind("HTTP/1.1 100 Continue\r\n\r\n", 0), 0U);
  careful.send("ok");
  EXPECT_NE(careful.read().find("<ok>"), std::string::npos);
}

TEST_F(Listening, RefusesWhatIsTooLargeOrNoRequest) {
  options_.body_bytes = 1000;
  options_.header_bytes = 2000;
  std::atomic<int> handled{0};
  start([&](const std::shared_ptr<Exchange>& exchange) {
    ++handled;
    say(exchange, "");
  });
  const auto status_of = [&](const std::string& sent) {
    const Wire wire(listener_->port());
    wire.send(sent);
    return wire.read().substr(0, 12);
  };
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n"), "HTTP/1.1 413");
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n500\r\n" + std::string(0x500, 'x') + "\r\n"), "HTTP/1.1 413");
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nX: " + std::string(3000, 'x') + "\r\n\r\n"), "HTTP/1.1 431");
  EXPECT_EQ(status_of("hello\r\n\r\n"), "HTTP/1.1 400");
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"), "HTTP/1.1 400");
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nContent-Length: -3\r\n\r\n"), "HTTP/1.1 400");
  EXPECT_EQ(status_of("GET /%zz HTTP/1.1\r\n\r\n"), "HTTP/1.1 400");
  EXPECT_EQ(status_of("GET nowhere HTTP/1.1\r\n\r\n"), "HTTP/1.1 400");
  EXPECT_EQ(handled, 0);
}

TEST_F(Listening, SlowSendersAreToldAndClosed) {
  options_.header_seconds = options_.body_seconds = 0.3;
  start([](const std::shared_ptr<Exchange>& exchange) { say(exchange, ""); });
  const Wire header(listener_->port()), body(listener_->port()), silent(listener_->port());
  header.send("GET / HTTP/1.1\r\nHost");
  body.send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc");
  const auto begin = Clock::now();
  EXPECT_EQ(header.read().substr(0, 12), "HTTP/1.1 408");
  EXPECT_EQ(body.read().substr(0, 12), "HTTP/1.1 408");
  EXPECT_EQ(silent.read(), "");
  EXPECT_LT(seconds_since(begin), 2.9);
}

TEST_F(Listening, TellsThatTheClientLeftOrTheTimeIsUp) {
  std::atomic<int> left{0}, late{0};
  std::vector<std::shared_ptr<Exchange>> kept;
  std::mutex mutex;
  start([&](const std::shared_ptr<Exchange>& exchange) {
    const std::lock_guard lock(mutex);
    kept.push_back(exchange);
    exchange->watch(exchange->request().path == "/late" ? 0.1 : 0, [&](Exchange::End end) { ++(end == Exchange::End::left ? left : late); });
  });
  {
    Wire wire(listener_->port());
    wire.send("GET /left HTTP/1.1\r\n\r\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_EQ(left, 0);
    wire.close();
    for (int i = 0; i < 100 && (left == 0 || last_status_ != 499); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_EQ(left, 1);
    EXPECT_EQ(last_status_, 499);
  }
  const Wire wire(listener_->port());
  wire.send("GET /late HTTP/1.1\r\n\r\n");
  for (int i = 0; i < 100 && late == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(late, 1);
  {
    const std::lock_guard lock(mutex);
    kept.clear();
  }
  EXPECT_EQ(wire.read(500).substr(0, 12), "HTTP/1.1 500");  // given up without an answer
}

TEST_F(Listening, StreamsAndWaitsForSlowReaders) {
  std::atomic<std::size_t> written{0};
  std::thread writer;
  start([&](const std::shared_ptr<Exchange>& exchange) {
    writer = std::thread([exchange, &written] {
      exchange->begin({200, "text/plain", "first", {}, {}});
      for (int i = 0; i < 400; ++i) {
        if (!exchange->write(std::string(100'000, 'x'))) return;
        written += 100'000;
      }
      exchange->end(true);
    });
  });
  const Wire wire(listener_->port());
  wire.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_LT(written, 20'000'000U);  // what the sockets hold, and a megabyte
  const std::string all = wire.read(3000, 60U << 20U);
  writer.join();
  EXPECT_EQ(written, 40'000'000U);
  EXPECT_GT(all.size(), 40'000'000U);
  EXPECT_EQ(all.substr(all.size() - 5), "0\r\n\r\n");
}

TEST_F(Listening, StopsAfterWhatWasBegunAndNotBefore) {
  std::thread later;
  start([&](const std::shared_ptr<Exchange>& exchange) {
    later = std::thread([exchange] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      say(exchange, "done");
    });
  });
  const Wire idle(listener_->port()), busy(listener_->port());
  busy.send("GET / HTTP/1.1\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto begin = Clock::now();
  std::thread stopping([this] { stop(); });
  EXPECT_NE(busy.read().find("done"), std::string::npos);
  EXPECT_EQ(idle.read(), "");
  stopping.join();
  later.join();
  EXPECT_LT(seconds_since(begin), 3);
}

TEST_F(Listening, PatienceEnds) {
  std::shared_ptr<Exchange> kept;
  start([&](const std::shared_ptr<Exchange>& exchange) { kept = exchange; });
  const Wire wire(listener_->port());
  wire.send("GET / HTTP/1.1\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto begin = Clock::now();
  stop(std::chrono::milliseconds(200));
  EXPECT_LT(seconds_since(begin), 2);
  kept.reset();
}

}  // namespace
}  // namespace fair::serve
