// A tile server in the test's own process: 127.0.0.1, any free port, gone with the object.
#pragma once

#include <httplib.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fair::test {

class TileServer {
 public:
  using Answer = std::function<void(const httplib::Request&, httplib::Response&)>;
  explicit TileServer(Answer answer) {
    server_.Get(".*", [this, answer = std::move(answer)](const httplib::Request& request, httplib::Response& response) {
      const int now = ++at_once_;
      int most = most_at_once_;
      while (now > most && !most_at_once_.compare_exchange_weak(most, now)) {
      }
      {
        const std::lock_guard lock(mutex_);
        paths_.push_back(request.path);
      }
      answer(request, response);
      --at_once_;
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~TileServer() {
    server_.stop();
    thread_.join();
  }
  TileServer(const TileServer&) = delete;
  TileServer& operator=(const TileServer&) = delete;

  [[nodiscard]] std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  [[nodiscard]] std::vector<std::string> paths() const {
    const std::lock_guard lock(mutex_);
    return paths_;
  }
  [[nodiscard]] int most_at_once() const { return most_at_once_; }

 private:
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> paths_;
  std::atomic<int> at_once_{0}, most_at_once_{0};
};

}  // namespace fair::test
