// One suite for every place artifacts can lie. The bucket's part runs where FAIR_TEST_S3 names a server ("http://127.0.0.1:9000"; keys from the
// environment, as AWS's tools find them): tests/peers/run.sh starts one.
#include "native/store/object_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <random>
#include <thread>

#include "native/io/atomic_file.h"
#include "native/io/digest.h"
#include "native/store/folder_store.h"
#ifdef FAIR_WITH_CURL
#include "native/store/aws_settings.h"
#include "native/store/s3_store.h"
#endif

namespace fair::store {
namespace {
namespace fs = std::filesystem;

std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

class ObjectStores : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string(test->name()) + std::to_string(::getpid());
    for (char& c : name) c = c == '/' ? '-' : c;
    folder_ = fs::temp_directory_path() / ("fair_objects_" + name);
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    if (std::string(GetParam()) == "folder") {
      store_ = folder_store(folder_ / "artifacts", "http://127.0.0.1:8765/artifacts");
      return;
    }
#ifdef FAIR_WITH_CURL
    const char* endpoint = std::getenv("FAIR_TEST_S3");
    if (endpoint == nullptr) GTEST_SKIP() << "no S3 server: FAIR_TEST_S3 is not set; tests/peers/run.sh starts one and sets it";
    const auto aws = aws_settings();
    ASSERT_TRUE(aws) << aws.error().message();
    S3Options options;
    options.bucket = std::getenv("FAIR_TEST_BUCKET") != nullptr ? std::getenv("FAIR_TEST_BUCKET") : "fair-test";
    options.prefix = "objects/" + name;
    options.endpoint = endpoint;
    options.part_bytes = 5U << 20U;
    auto made = s3_store(options, aws->credentials);
    ASSERT_TRUE(made) << made.error().message();
    store_ = std::move(*made);
#else
    GTEST_SKIP() << "a build without libcurl";
#endif
  }
  void TearDown() override {
    if (store_) {
      const auto left = store_->list("");
      if (left) {
        for (const ObjectInfo& object : *left) EXPECT_TRUE(store_->remove(object.key));
      }
    }
    fs::remove_all(folder_);
  }

  fs::path file(const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(io::write_whole(folder_ / name, bytes));
    return folder_ / name;
  }
  std::string bytes_of(const fs::path& path) { return io::read_whole(path).value_or("?"); }

  fs::path folder_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_P(ObjectStores, WhatIsPutComesBack) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{3} << 20U, (std::size_t{12} << 20U) + 1}) {
    const std::string bytes = noise(size, 3);
    const auto put = store_->put("runs/one/model.onnx", file("in", bytes));
    ASSERT_TRUE(put) << put.error().message();
    EXPECT_EQ(put->size, size);
    EXPECT_EQ(put->sha256, io::hexadecimal(io::sha256(bytes)));
    const auto info = store_->info("runs/one/model.onnx");
    ASSERT_TRUE(info) << info.error().message();
    ASSERT_TRUE(*info);
    EXPECT_EQ((*info)->size, size);
    EXPECT_EQ((*info)->sha256, put->sha256);
    const auto got = store_->get("runs/one/model.onnx", folder_ / "below" / "out");
    ASSERT_TRUE(got) << got.error().message();
    EXPECT_TRUE(bytes_of(folder_ / "below" / "out") == bytes) << size;
    EXPECT_FALSE(fs::exists(folder_ / "below" / "out.part"));
  }
}

TEST_P(ObjectStores, ListsInOrderAndForgets) {
  for (const char* key : {"b/2", "a/1", "b/10", "c"}) ASSERT_TRUE(store_->write(key, key)) << key;
  const auto all = store_->list("");
  ASSERT_TRUE(all) << all.error().message();
  std::vector<std::string> keys;
  for (const ObjectInfo& object : *all) keys.push_back(object.key);
  EXPECT_EQ(keys, (std::vector<std::string>{"a/1", "b/10", "b/2", "c"}));
  const auto below = store_->list("b/");
  ASSERT_TRUE(below);
  EXPECT_EQ(below->size(), 2U);
  EXPECT_EQ(below->front().size, 4U);
  ASSERT_TRUE(store_->remove("b/2"));
  ASSERT_TRUE(store_->remove("b/2"));  // none there is no error
  EXPECT_EQ(store_->list("b/")->size(), 1U);
  EXPECT_TRUE(store_->list("nothing/of/that/name")->empty());
}

TEST_P(ObjectStores, MoreKeysThanAPageHolds) {
  const int count = std::string(GetParam()) == "folder" ? 40 : 1005;  // a folder has no pages
  for (int i = 0; i < count; ++i) ASSERT_TRUE(store_->write("many/" + std::to_string(i), "x"));
  const auto all = store_->list("many/");
  ASSERT_TRUE(all) << all.error().message();
  EXPECT_EQ(all->size(), static_cast<std::size_t>(count));
}

TEST_P(ObjectStores, TextsAndTheFirstWriter) {
  ASSERT_TRUE(store_->write("journal", "first"));
  EXPECT_EQ(store_->read("journal").value_or("?"), "first");
  ASSERT_TRUE(store_->write("journal", "second"));
  EXPECT_EQ(store_->read("journal").value_or("?"), "second");
  const auto late = store_->create("journal", "third");
  ASSERT_TRUE(late) << late.error().message();
  EXPECT_FALSE(*late);
  EXPECT_EQ(store_->read("journal").value_or("?"), "second");
  std::atomic<int> winners{0};
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([&, i] {
      const auto mine = store_->create("lease", std::to_string(i));
      if (mine && *mine) ++winners;
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(winners, 1);
}

TEST_P(ObjectStores, NamesThatNeedCare) {
  for (const char* key : {"a b/c+d (e).txt", "ü/ñ", "percent%20/equals=and&"}) {
    ASSERT_TRUE(store_->write(key, key)) << key;
    EXPECT_EQ(store_->read(key).value_or("?"), key);
    const auto listed = store_->list(std::string(key).substr(0, 2));
    ASSERT_TRUE(listed);
    ASSERT_FALSE(listed->empty()) << key;
  }
  for (const char* key : {"", "/a", "a/", "a//b", "../a", "a/../../b"}) {
    const auto written = store_->write(key, "x");
    ASSERT_FALSE(written) << key;
    EXPECT_EQ(written.error().code, Code::usage);
  }
}

TEST_P(ObjectStores, SaysWhatIsNotThere) {
  const auto info = store_->info("nothing");
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_FALSE(*info);
  const auto got = store_->get("nothing", folder_ / "out");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::not_found);
  EXPECT_NE(got.error().message().find("nothing"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_ / "out"));
  EXPECT_EQ(store_->read("nothing").error().code, Code::not_found);
  const auto put = store_->put("x", folder_ / "no such file");
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, Code::io);
}

TEST_P(ObjectStores, GivesAddressesThatItemsCanHold) {
  ASSERT_TRUE(store_->write("models/a.onnx", "x"));
  EXPECT_EQ(store_->href("models/a.onnx").rfind("http", 0), 0U);
  const auto signed_href = store_->presigned("models/a.onnx", 60);
  ASSERT_TRUE(signed_href) << signed_href.error().message();
  EXPECT_EQ(signed_href->rfind("http", 0), 0U);
#ifdef FAIR_WITH_CURL
  if (std::string(GetParam()) == "s3") {
    const auto client = http::Client::create();
    http::Request request;
    request.url = *signed_href;
    const auto answer = client->send(request);
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(answer->body, "x");
    request.url = store_->href("models/a.onnx");
    EXPECT_EQ(client->send(request)->status, 403);  // the bucket is nobody else's
  }
#endif
}

TEST_P(ObjectStores, RefusesWhatArrivesDamaged) {
  if (std::string(GetParam()) == "folder") GTEST_SKIP() << "a folder has no checksum beside the bytes";
#ifdef FAIR_WITH_CURL
  // An object whose metadata tells of other bytes, as a broken copy would.
  ASSERT_TRUE(store_->write("whole", "the right bytes"));
  ASSERT_TRUE(io::write_whole(folder_ / "out.part", "the wrong"));  // what a former download left
  const auto got = store_->get("whole", folder_ / "out");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::invalid);
  EXPECT_FALSE(fs::exists(folder_ / "out"));
  const auto again = store_->get("whole", folder_ / "out");  // begins anew
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(bytes_of(folder_ / "out"), "the right bytes");
#endif
}

INSTANTIATE_TEST_SUITE_P(Each, ObjectStores, testing::Values("folder", "s3"), [](const auto& which) { return std::string(which.param); });

}  // namespace
}  // namespace fair::store
