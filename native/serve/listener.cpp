#include "native/serve/listener.h"

#include <atomic>
#include <boost/asio.hpp>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "native/serve/connection.h"

namespace fair::serve {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Failure = boost::system::error_code;

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
      Connection::begin(hall, std::move(socket), open < static_cast<std::size_t>(hall->options.connections));
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
