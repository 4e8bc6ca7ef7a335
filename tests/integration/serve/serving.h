// fair serve as a process of its own, with a server of tiles beside it.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/cli/child.h"
#include "tests/integration/cli/command.h"
#include "tests/unit/native_io/pictures.h"
#include "tests/unit/native_io/tile_server.h"

namespace fair::test {

/// A picture of one tile of the town: its houses do not depend on where it is asked for.
inline std::string tile_picture(int shift = 0) {
  Picture tile;
  tile.width = tile.height = 256;
  tile.value = [shift](int x, int y, int b) { return ((x + shift) / 16 * 37 + y / 16 * 11 + 70 * b) % 256; };
  return encoded(tile);
}

class Serving : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(bench_.fair({"init", "--empty"}).status, 0);
    const Outcome registered = bench_.fair({"register", "plugin:unet-segmentation-small"});
    ASSERT_EQ(registered.status, 0) << registered.err;
    picture_ = tile_picture();
  }
  /// Starts it and waits until it says where.
  void start(const std::vector<std::string>& more = {"--allow-private", "127.0.0.1"}) {
    std::vector<std::string> arguments{"serve", "--port", "0", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    child_ = std::make_unique<Child>(bench_.folder, arguments, "serve");
    for (int i = 0; i < 1000 && port_ == 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      const Json said = Json::parse(bench_.read("serve.out"), nullptr, false);
      if (said.is_object()) port_ = said.value("port", 0);
      ASSERT_TRUE(child_->running()) << bench_.read("serve.err");
    }
    ASSERT_NE(port_, 0);
  }
  void TearDown() override {
    if (!child_) return;
    EXPECT_TRUE(child_->running()) << "it died: " << bench_.read("serve.err").substr(0, 2000);
    child_->send(SIGTERM);
    EXPECT_TRUE(child_->ends_within(std::chrono::seconds(20)));
    EXPECT_EQ(child_->wait(), 0);
  }
  [[nodiscard]] httplib::Client client() const {
    httplib::Client out("127.0.0.1", port_);
    out.set_read_timeout(60);
    out.set_tcp_nodelay(true);
    return out;
  }
  /// A socket of its own, for what no HTTP client sends; the caller closes it.
  [[nodiscard]] int connected() const {
    const int one = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(static_cast<std::uint16_t>(port_));
    inet_pton(AF_INET, "127.0.0.1", &where.sin_addr);
    EXPECT_EQ(::connect(one, reinterpret_cast<sockaddr*>(&where), sizeof where), 0);
    return one;
  }
  static void send_all(int to, const std::string& bytes) {
    EXPECT_EQ(::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  [[nodiscard]] Json request() const {
    return {{"model_uri", "unet-segmentation-small"},
            {"image_uri", tiles_.url("/{z}/{x}/{y}.png")},
            {"bbox", {85.5201, 27.6301, 85.5209, 27.6309}},
            {"zoom", 19},
            {"params", {{"confidence_threshold", 0.5}}}};
  }
  [[nodiscard]] httplib::Result post(const Json& body, const std::string& path = "/predict") const {
    return client().Post(path, body.dump(), "application/json");
  }
  /// The status of an answer whose body is {"error": a sentence}.
  [[nodiscard]] static int refusal(const httplib::Result& answer) {
    if (!answer) return -1;
    const Json said = Json::parse(answer->body, nullptr, false);
    EXPECT_TRUE(said.is_object() && said.contains("error") && said["error"].is_string()) << answer->body.substr(0, 300);
    return answer->status;
  }
  [[nodiscard]] std::string metric(const std::string& line) const {
    const auto answer = client().Get("/metrics");
    if (!answer) return "";
    const std::size_t at = answer->body.find("\n" + line + " ");
    return at == std::string::npos ? "" : answer->body.substr(at + line.size() + 2, answer->body.find('\n', at + 1) - at - line.size() - 2);
  }
  /// Waits for a metric to have a value.
  [[nodiscard]] bool comes(const std::string& line, const std::string& value) const {
    for (int i = 0; i < 500; ++i) {
      if (metric(line) == value) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  Bench bench_;
  std::string picture_;
  std::atomic<int> tile_milliseconds_{0};
  TileServer tiles_{[this](const httplib::Request& asked, httplib::Response& response) { give_tile(asked, response); }};
  virtual void give_tile(const httplib::Request&, httplib::Response& response) {
    std::this_thread::sleep_for(std::chrono::milliseconds(tile_milliseconds_));
    response.set_content(picture_, "image/png");
  }
  std::unique_ptr<Child> child_;
  int port_ = 0;
};

}  // namespace fair::test
