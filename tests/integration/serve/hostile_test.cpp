// What nobody who means well would ask. All of it is refused with 4xx, and the process lives.
#include <zlib.h>

#include <random>

#include "tests/integration/serve/serving.h"

namespace fair::test {
namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// A PNG of a few kilobytes whose header claims this many pixels a side.
std::string png_bomb(std::uint32_t side) {
  std::string bytes = tile_picture();
  const auto put = [&](std::size_t at, std::uint32_t value) {
    for (int i = 0; i < 4; ++i) bytes[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> (24 - 8 * i));
  };
  put(16, side);
  put(20, side);
  put(29, static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(bytes.data() + 12), 17)));
  return bytes;
}

class Hostile : public Serving {
 protected:
  void give_tile(const httplib::Request& asked, httplib::Response& response) override {
    if (asked.path.rfind("/redirect/", 0) == 0) return response.set_redirect(redirect_to_);
    if (asked.path.rfind("/packed/", 0) == 0) {
      response.set_header("Content-Encoding", "gzip");
      return response.set_content(packed_, "image/png");
    }
    if (asked.path.rfind("/huge/", 0) == 0) return response.set_content(huge_, "image/png");
    if (asked.path.rfind("/vrt/", 0) == 0) {
      return response.set_content(
          "<VRTDataset rasterXSize=\"256\" rasterYSize=\"256\"><VRTRasterBand dataType=\"Byte\" band=\"1\"><SimpleSource>"
          "<SourceFilename>/vsicurl/" +
              tiles_.url("/inner") + "</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>",
          "image/png");
    }
    Serving::give_tile(asked, response);
  }
  [[nodiscard]] httplib::Result with_image(const std::string& image_uri) const {
    Json body = request();
    body["image_uri"] = image_uri;
    return post(body);
  }
  [[nodiscard]] bool alive() const {
    const auto answer = client().Get("/health");
    return answer && answer->status == 200;
  }
  std::string redirect_to_, packed_ = gzip(std::string(64U << 20U, '\0')), huge_ = png_bomb(60'000);
};

TEST_F(Hostile, PrivateAddressesAreOutOfReach) {
  start({});
  const std::string port = tiles_.url("").substr(tiles_.url("").rfind(':'));
  for (const std::string& host : {std::string("127.0.0.1"), std::string("localhost"), std::string("2130706433"), std::string("0x7f.1"),
                                  std::string("[::1]"), std::string("[::ffff:127.0.0.1]"), std::string("0.0.0.0")}) {
    EXPECT_EQ(refusal(with_image("http://" + host + port + "/{z}/{x}/{y}.png")), 400) << host;
    EXPECT_EQ(refusal(with_image("http://" + host + port + "/tiles.json")), 400) << host;
    Json model = request();
    model["model_uri"] = "http://" + host + port + "/model.onnx";
    EXPECT_EQ(refusal(post(model)), 400) << host;
  }
  EXPECT_EQ(refusal(with_image("http://169.254.169.254/latest/meta-data/{z}/{x}/{y}")), 400);
  EXPECT_EQ(refusal(with_image("http://user:key@127.0.0.1" + port + "/{z}/{x}/{y}.png")), 400);
  EXPECT_EQ(refusal(with_image("file:///etc/passwd?{z}{x}{y}")), 400);
  EXPECT_EQ(refusal(with_image("/vsicurl/http://127.0.0.1" + port + "/{z}/{x}/{y}.png")), 400);
  EXPECT_TRUE(tiles_.paths().empty()) << tiles_.paths().front();
}

TEST_F(Hostile, NorByRedirectsTileJsonOrFilesWithinTiles) {
  start();
  const std::string elsewhere = "http://127.0.0.2" + tiles_.url("").substr(tiles_.url("").rfind(':'));
  for (const std::string& to : {elsewhere + "/secret", std::string("file:///etc/passwd"), std::string("http://[::1]/")}) {
    redirect_to_ = to;
    EXPECT_EQ(refusal(with_image(tiles_.url("/redirect/{z}/{x}/{y}.png"))), 400) << to;
  }
  EXPECT_EQ(refusal(with_image(tiles_.url("/vrt/{z}/{x}/{y}.png"))), 400);
  for (const std::string& path : tiles_.paths()) {
    EXPECT_EQ(path.find("secret"), std::string::npos);
    EXPECT_EQ(path.find("inner"), std::string::npos);
  }
}

TEST_F(Hostile, BombsAreNotUnpacked) {
  start();
  EXPECT_EQ(refusal(client().Post("/predict", httplib::Headers{{"Content-Encoding", "gzip"}}, packed_, "application/json")), 413);
  EXPECT_EQ(refusal(client().Post("/predict", httplib::Headers{{"Content-Encoding", "gzip"}}, packed_.substr(0, 100), "application/json")), 400);
  EXPECT_EQ(refusal(client().Post("/predict", httplib::Headers{{"Content-Encoding", "br"}}, packed_, "application/json")), 415);
  EXPECT_EQ(client().Post("/predict", httplib::Headers{{"Content-Encoding", "gzip"}}, gzip(request().dump()), "application/json")->status, 200);
  EXPECT_EQ(refusal(client().Post("/predict", std::string(2U << 20U, ' '), "application/json")), 413);
  EXPECT_EQ(refusal(client().Post("/predict", std::string(500'000, '['), "application/json")), 400);
  EXPECT_EQ(refusal(with_image(tiles_.url("/packed/{z}/{x}/{y}.png"))), 400);
  EXPECT_EQ(refusal(with_image(tiles_.url("/huge/{z}/{x}/{y}.png"))), 400);
  std::ifstream status("/proc/" + std::to_string(child_->pid()) + "/status");
  std::string line;
  while (std::getline(status, line) && line.rfind("VmHWM:", 0) != 0) {
  }
  EXPECT_LT(std::stol(line.substr(6)), 1'000'000) << line;  // kB; the pictures claimed to be 10 GB
}

TEST_F(Hostile, AThousandMalformedBodies) {
  start();
  std::mt19937 random(7);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::string good = request().dump();
  const char* const values[] = {"null",        "true",        "-1",      "1e999", "\"\"", "[]", "{}", "[[[[]]]]", "99999999999999999999",
                                "\"\\u0000\"", "\"\\ud800\"", "\"%s%n\""};
  const char* const keys[] = {"model_uri", "image_uri", "bbox", "zoom", "params"};
  auto c = client();
  c.set_keep_alive(true);
  for (int i = 0; i < 1000; ++i) {
    std::string body = good;
    if (i % 3 == 0) {  // a member of another kind
      body.back() = ',';
      body += std::string("\"") + keys[below(5)] + "\":" + values[below(12)] + "}";
    } else if (i % 3 == 1) {  // cut off
      body.resize(below(body.size()));
    } else {  // damaged where it cannot be good any more: the first bracket is
      for (std::size_t k = 0; k < 8; ++k) body[below(body.size())] = static_cast<char>(random());
      body[0] = static_cast<char>(i);
      if (body[0] == '{') body[0] = '}';
    }
    const auto answer = c.Post("/predict", body, "application/json");
    ASSERT_TRUE(answer) << i << ": " << body;
    ASSERT_GE(answer->status, 400) << i << ": " << body;
    ASSERT_LT(answer->status, 500) << i << ": " << body << " gave " << answer->body;
  }
  EXPECT_TRUE(alive());
}

TEST_F(Hostile, SlowClientsHoldNobodyUp) {
  start();
  std::vector<int> sockets;
  for (int i = 0; i < 200; ++i) {
    sockets.push_back(connected());
    send_all(sockets.back(),
             i % 2 == 0 ? "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Le" : "POST /predict HTTP/1.1\r\nContent-Length: 500\r\n\r\n{");
  }
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(alive());
  EXPECT_EQ(post(request())->status, 200);
  // The header's ten seconds are over for the even ones.
  std::string said(4096, '\0');
  timeval patience{15, 0};
  setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const auto n = ::recv(sockets[0], said.data(), said.size(), 0);
  EXPECT_EQ(said.substr(0, 12), "HTTP/1.1 408") << n;
  for (const int one : sockets) ::close(one);
  EXPECT_TRUE(alive());
}

}  // namespace
}  // namespace fair::test
