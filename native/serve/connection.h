// One client's connection: requests read one after the other, each answered before the next.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <set>

#include "native/serve/listener.h"

namespace fair::serve {

class Connection;

/// What connections share with the listener that made them.
struct Hall {
  ListenerOptions options;
  boost::asio::io_context io;
  Listener::Handler handler;
  std::function<void(const Request&, Answer&)> dress;
  std::function<void(const Served&)> told;
  std::atomic<bool> closing{false};
  std::mutex mutex;
  std::set<Connection*> connections;
  std::function<void()> ended;  ///< told when the last connection is gone, once there is one to tell
};

/// Lives as long as something is under way on it. May be called from any thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// Begins one on a strand of its own. One that is not `welcome` is told 503.
  static void begin(const std::shared_ptr<Hall>& hall, boost::asio::ip::tcp::socket socket, bool welcome);
  virtual ~Connection() = default;

  /// Idle ones close, others after their answer.
  virtual void retire() = 0;
  virtual void break_off() = 0;
};

}  // namespace fair::serve
