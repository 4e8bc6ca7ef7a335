#include "native/store/outside.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>

#include "tests/unit/native_io/scratch.h"
#include "tests/unit/native_io/tile_server.h"

namespace fair::store {
namespace {

/// The web, as far as these tests see it: one file that may change, refuse or be gone.
class Web : public testing::Test {
 protected:
  void SetUp() override { setenv("no_proxy", "127.0.0.1", 1); }
  test::Scratch scratch_;
  std::atomic<int> sent_{0};
  std::string content_ = "model", etag_ = "\"1\"";
  std::atomic<int> status_{200};
  test::TileServer server_{[this](const httplib::Request& request, httplib::Response& response) {
    response.status = status_;
    if (status_ != 200) return;
    if (request.get_header_value("If-None-Match") == etag_) {
      response.status = 304;
      return;
    }
    ++sent_;
    response.set_header("ETag", etag_);
    response.set_content(content_, "application/octet-stream");
  }};
  Outside outside_{scratch_ / "fetched", S3Options(), ""};
};

TEST_F(Web, AFileIsFetchedOnceAndAgainWhenItHasChanged) {
  for (int i = 0; i < 2; ++i) {
    const auto path = outside_.bring(server_.url("/models/model.onnx?X-Amz-Signature=secret"));
    ASSERT_TRUE(path) << path.error().message();
    EXPECT_EQ(path->filename(), "model.onnx");
    EXPECT_EQ(test::slurp(*path), "model");
  }
  EXPECT_EQ(sent_, 1);
  content_ = "a newer model", etag_ = "\"2\"";
  EXPECT_EQ(test::slurp(*outside_.bring(server_.url("/models/model.onnx"))), "a newer model");
  EXPECT_EQ(sent_, 2);
}

TEST_F(Web, WhatIsNotThereIsNamedWithoutItsKeys) {
  status_ = 404;
  const auto missing = outside_.bring(server_.url("/gone.onnx?X-Amz-Signature=secret"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::not_found);
  EXPECT_NE(missing.error().message().find("/gone.onnx"), std::string::npos) << missing.error().message();
  EXPECT_EQ(missing.error().message().find("secret"), std::string::npos) << missing.error().message();
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "fetched/gone.onnx"));
}

TEST(Outside, BucketsOfTheStacksEndpointAreReadWithItsKeysOrAsEverybody) {
  setenv("no_proxy", "127.0.0.1", 1);
  const test::Scratch scratch;
  setenv("AWS_ACCESS_KEY_ID", "key", 1);
  setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
  // "open" may be read by everybody and not by our keys, every other bucket by our keys alone.
  const test::TileServer server([](const httplib::Request& request, httplib::Response& response) {
    const bool open = request.path.rfind("/open/", 0) == 0;
    if (open != request.has_header("Authorization")) response.set_content("model", "application/octet-stream");
    else response.status = 403;
  });
  S3Options own;
  own.bucket = "own";
  own.endpoint = server.url("");
  const Outside outside(scratch / "fetched", own, "");
  for (const char* address : {"/own/a/model.onnx", "/other/a/model.onnx", "/open/a/model.onnx"}) {
    const auto path = outside.bring(server.url(address));
    ASSERT_TRUE(path) << path.error().message();
    EXPECT_EQ(test::slurp(*path), "model") << address;
  }
  const test::TileServer closed([](const httplib::Request&, httplib::Response& response) { response.status = 403; });
  own.endpoint = closed.url("");
  const auto refused = Outside(scratch / "refused", own, "").bring(closed.url("/other/model.onnx"));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("/other/model.onnx"), std::string::npos) << refused.error().message();
  unsetenv("AWS_ACCESS_KEY_ID");
  unsetenv("AWS_SECRET_ACCESS_KEY");
}

TEST(Outside, AddressesOfBucketsNeedAKey) {
  const test::Scratch scratch;
  const Outside outside(scratch / "fetched", S3Options(), "");
  for (const char* wrong : {"s3://", "s3://bucket", "s3://bucket/", "s3:///key"}) {
    const auto path = outside.bring(wrong);
    ASSERT_FALSE(path) << wrong;
    EXPECT_EQ(path.error().code, Code::usage) << wrong;
  }
}

}  // namespace
}  // namespace fair::store
