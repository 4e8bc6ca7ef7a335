#include "native/serve/static_files.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "native/serve/server.h"

namespace fair::serve {
namespace {
namespace fs = std::filesystem;

/// A folder with files, one secret outside it, and a server on a free port.
class StaticFiles : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("fair-serve-" + std::to_string(getpid()));
    fs::remove_all(root_);
    fs::create_directories(root_ / "shown" / "deep");
    fs::create_directories(root_ / "artifacts");
    write("shown/index.html", "<p>hello</p>");
    write("shown/deep/town.geojson", R"({"type":"FeatureCollection","features":[]})");
    write("shown/empty.txt", "");
    write("artifacts/model.onnx", "0123456789");
    write("secret.txt", "secret");
    fs::create_symlink(root_ / "secret.txt", root_ / "shown" / "way-out.txt");
    options_.mounts = {{"/", root_ / "shown"}, {"/artifacts", root_ / "artifacts"}};
    options_.listening.port = 0;
  }
  void start() {
    auto server = Server::open(options_, {});
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
    thread_ = std::thread([this] { EXPECT_TRUE(server_->run()); });
  }
  void TearDown() override {
    if (server_) server_->stop({}, std::chrono::seconds(5));
    if (thread_.joinable()) thread_.join();
    fs::remove_all(root_);
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(root_ / name) << text; }
  httplib::Client client() { return httplib::Client("127.0.0.1", server_->port()); }

  fs::path root_;
  ServerOptions options_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

TEST_F(StaticFiles, GivesFilesWithTheirMediaTypesAndOpensThemToOtherOrigins) {
  start();
  auto c = client();
  const auto page = c.Get("/");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, 200);
  EXPECT_EQ(page->body, "<p>hello</p>");
  EXPECT_EQ(page->get_header_value("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(page->get_header_value("Access-Control-Allow-Origin"), "*");
  EXPECT_FALSE(page->has_header("Cross-Origin-Opener-Policy"));
  EXPECT_EQ(c.Get("/deep/town.geojson")->get_header_value("Content-Type"), "application/geo+json");
  EXPECT_EQ(c.Get("/artifacts/model.onnx")->body, "0123456789");
  const auto empty = c.Get("/empty.txt");
  EXPECT_EQ(empty->status, 200);
  EXPECT_EQ(empty->body, "");
}

TEST_F(StaticFiles, SaysWhenAFileIsWhatTheClientHas) {
  start();
  auto c = client();
  const auto whole = c.Get("/artifacts/model.onnx");
  ASSERT_TRUE(whole);
  const std::string tag = whole->get_header_value("ETag");
  ASSERT_GT(tag.size(), 2U);
  EXPECT_NE(tag, c.Get("/index.html")->get_header_value("ETag"));
  for (const std::string& asked : {tag, "\"other\" , W/" + tag, std::string("*")}) {
    const auto same = c.Get("/artifacts/model.onnx", httplib::Headers{{"If-None-Match", asked}});
    ASSERT_TRUE(same) << asked;
    EXPECT_EQ(same->status, 304) << asked;
    EXPECT_EQ(same->body, "");
    EXPECT_EQ(same->get_header_value("ETag"), tag);
    EXPECT_FALSE(same->has_header("Content-Length"));
  }
  EXPECT_EQ(c.Get("/artifacts/model.onnx", httplib::Headers{{"If-None-Match", "\"other\""}})->status, 200);
  // A stretch only of what the client has the rest of.
  EXPECT_EQ(c.Get("/artifacts/model.onnx", httplib::Headers{{"If-Range", tag}, {"Range", "bytes=2-5"}})->body, "2345");
  EXPECT_EQ(c.Get("/artifacts/model.onnx", httplib::Headers{{"If-Range", "\"other\""}, {"Range", "bytes=2-5"}})->body, "0123456789");
  write("artifacts/new.onnx", "9876543210");
  fs::rename(root_ / "artifacts/new.onnx", root_ / "artifacts/model.onnx");
  const auto changed = c.Get("/artifacts/model.onnx", httplib::Headers{{"If-None-Match", tag}});
  EXPECT_EQ(changed->status, 200) << "of the same size, but another";
  EXPECT_EQ(changed->body, "9876543210");
}

TEST_F(StaticFiles, AnswersRanges) {
  start();
  auto c = client();
  const auto part = c.Get("/artifacts/model.onnx", httplib::Headers{{"Range", "bytes=2-5"}});
  ASSERT_TRUE(part);
  EXPECT_EQ(part->status, 206);
  EXPECT_EQ(part->body, "2345");
  EXPECT_EQ(part->get_header_value("Content-Range"), "bytes 2-5/10");
  const auto head = c.Head("/artifacts/model.onnx");
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->get_header_value("Content-Length"), "10");
}

TEST_F(StaticFiles, LeadsNowhereElse) {
  start();
  auto c = client();
  for (const char* path : {"/../secret.txt", "/deep/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/way-out.txt", "//etc/passwd",
                           "/deep", "/nothing", "/artifacts/../../secret.txt", "/artifactsx"}) {
    const auto answer = c.Get(path);
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 404) << path;
    EXPECT_EQ(answer->body.find("secret\n"), std::string::npos) << path;
  }
  EXPECT_EQ(c.Post("/index.html", "x", "text/plain")->status, 404);
}

TEST_F(StaticFiles, IsolatesPagesWhenAsked) {
  options_.isolated = true;
  start();
  const auto page = client().Get("/");
  EXPECT_EQ(page->get_header_value("Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_EQ(page->get_header_value("Cross-Origin-Embedder-Policy"), "require-corp");
}

TEST_F(StaticFiles, SaysThatAPortIsTakenAndAFolderMissing) {
  start();
  ServerOptions second = options_;
  second.listening.port = server_->port();
  const auto taken = Server::open(second, {});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Code::conflict);
  second.listening.port = 0;
  second.mounts = {{"/", root_ / "nowhere"}};
  const auto missing = Server::open(second, {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::not_found);
}

TEST_F(StaticFiles, StopsAtOnceHoweverEarlyItIsAsked) {
  const auto server = Server::open(options_, {});
  ASSERT_TRUE(server);
  (*server)->stop({}, std::chrono::seconds(5));
  EXPECT_TRUE((*server)->run());
}

}  // namespace
}  // namespace fair::serve
