#include "native/io/tile_fetcher.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "native/io/tile_cache.h"
#include "tests/unit/native_io/scratch.h"
#include "tests/unit/native_io/tile_server.h"

namespace fair::io {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

FetchOptions quick() {
  setenv("no_proxy", "127.0.0.1", 1);
  FetchOptions options;
  options.first_pause_seconds = 0.01;
  options.timeout_seconds = 5;
  return options;
}

TEST(TileFetcher, GivesTheBodyAndKnowsWhatIsNotThere) {
  test::TileServer server([](const httplib::Request& request, httplib::Response& response) {
    if (request.path == "/tile") response.set_content("pixels", "image/png");
    if (request.path == "/204") response.status = 204;
    if (request.path == "/410") response.status = 410;
    if (request.path == "/404") response.status = 404;
  });
  auto fetcher = TileFetcher::create(quick());
  ASSERT_TRUE(fetcher);
  const auto tile = fetcher->get(server.url("/tile"));
  ASSERT_TRUE(tile) << tile.error().message();
  EXPECT_EQ(*tile, "pixels");
  for (const char* path : {"/204", "/404", "/410", "/empty"}) {
    const auto none = fetcher->get(server.url(path));
    ASSERT_TRUE(none) << none.error().message();
    EXPECT_FALSE(none->has_value()) << path;
  }
  EXPECT_EQ(fetcher->counts().missing, 4);
  EXPECT_EQ(server.paths().size(), 5U);
}

TEST(TileFetcher, TriesAgainAndGivesUpWithTheStatus) {
  std::atomic<int> flaky{0};
  test::TileServer server([&](const httplib::Request& request, httplib::Response& response) {
    if (request.path == "/flaky" && ++flaky == 3) return response.set_content("at last", "image/png");
    response.status = 503;
  });
  auto fetcher = TileFetcher::create(quick());
  const auto tile = fetcher->get(server.url("/flaky"));
  ASSERT_TRUE(tile) << tile.error().message();
  EXPECT_EQ(*tile, "at last");
  EXPECT_EQ(fetcher->counts().repeated, 2);
  const auto never = fetcher->get(server.url("/never?key=secret"));
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().code, Code::io);
  EXPECT_NE(never.error().message().find("503, 4 times"), std::string::npos) << never.error().message();
  EXPECT_EQ(never.error().message().find("secret"), std::string::npos);
}

TEST(TileFetcher, WaitsAsLongAsTheServerAsksButNotForHours) {
  std::atomic<int> asked{0};
  test::TileServer server([&](const httplib::Request& request, httplib::Response& response) {
    if (request.path == "/busy" && ++asked == 2) return response.set_content("pixels", "image/png");
    response.status = 429;
    response.set_header("Retry-After", request.path == "/busy" ? "1" : "3600");
  });
  auto fetcher = TileFetcher::create(quick());
  auto start = Clock::now();
  ASSERT_TRUE(fetcher->get(server.url("/busy")));
  EXPECT_GE(seconds_since(start), 0.95);
  start = Clock::now();
  const auto hours = fetcher->get(server.url("/tomorrow"));
  ASSERT_FALSE(hours);
  EXPECT_LT(seconds_since(start), 1);
  EXPECT_NE(hours.error().found.find("3600 s"), std::string::npos) << hours.error().found;
}

TEST(TileFetcher, RefusalsAreToldAtOnce) {
  test::TileServer server([](const httplib::Request&, httplib::Response& response) { response.status = 403; });
  auto fetcher = TileFetcher::create(quick());
  const auto tile = fetcher->get(server.url("/tile"));
  ASSERT_FALSE(tile);
  EXPECT_NE(tile.error().hint.find("key"), std::string::npos);
  EXPECT_EQ(server.paths().size(), 1U);
}

TEST(TileFetcher, LargeSlowAndAbsentServersAreErrors) {
  test::TileServer server([](const httplib::Request& request, httplib::Response& response) {
    if (request.path == "/slow") std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    response.set_content(std::string(request.path == "/large" ? 3U << 20U : 8U, 'x'), "image/png");
  });
  FetchOptions options = quick();
  options.most_bytes = 1U << 20U;
  options.timeout_seconds = 1;
  options.attempts = 1;
  auto fetcher = TileFetcher::create(options);
  const auto large = fetcher->get(server.url("/large"));
  ASSERT_FALSE(large);
  EXPECT_NE(large.error().expected.find("1 MB"), std::string::npos);
  EXPECT_FALSE(fetcher->get(server.url("/slow")));
  EXPECT_FALSE(fetcher->get("http://127.0.0.1:1/tile"));
  EXPECT_FALSE(fetcher->get("file:///etc/passwd"));
}

TEST(TileFetcher, NoMoreConnectionsThanAllowed) {
  test::TileServer server([](const httplib::Request&, httplib::Response& response) {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    response.set_content("pixels", "image/png");
  });
  FetchOptions options = quick();
  options.connections = 3;
  auto fetcher = TileFetcher::create(options);
  std::vector<std::thread> callers;
  for (int i = 0; i < 9; ++i) callers.emplace_back([&, i] { EXPECT_TRUE(fetcher->get(server.url("/" + std::to_string(i)))); });
  for (std::thread& caller : callers) caller.join();
  EXPECT_LE(server.most_at_once(), 3);
  EXPECT_GE(server.most_at_once(), 2);
  EXPECT_EQ(fetcher->counts().fetched, 9);
}

TEST(TileFetcher, StopsWhileItWaits) {
  test::TileServer server([](const httplib::Request&, httplib::Response& response) {
    response.status = 503;
    response.set_header("Retry-After", "20");
  });
  std::atomic<bool> stop{false};
  FetchOptions options = quick();
  options.stop = &stop;
  auto fetcher = TileFetcher::create(options);
  std::thread asker([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    stop = true;
  });
  const auto start = Clock::now();
  const auto tile = fetcher->get(server.url("/tile"));
  asker.join();
  ASSERT_FALSE(tile);
  EXPECT_EQ(tile.error().code, Code::cancelled);
  EXPECT_LT(seconds_since(start), 2);
}

TEST(TileFetcher, AsksOnceForWhatItHasOnDisk) {
  test::TileServer server([](const httplib::Request&, httplib::Response& response) { response.set_content("pixels", "image/png"); });
  const test::Scratch scratch;
  FetchOptions options = quick();
  options.cache_folder = scratch / "tiles";
  for (int i = 0; i < 2; ++i) {
    auto fetcher = TileFetcher::create(options);
    EXPECT_EQ(**fetcher->get(server.url("/tile")), "pixels");
    EXPECT_EQ(fetcher->counts().from_cache, i);
  }
  auto fetcher = TileFetcher::create(options);
  fetcher->forget(server.url("/tile"));
  EXPECT_EQ(**fetcher->get(server.url("/tile")), "pixels");
  EXPECT_EQ(server.paths().size(), 2U);
}

TEST(TileCache, StaysWithinItsLimitAndForgetsTheOldest) {
  const test::Scratch scratch;
  const std::string body(1000, 'x');
  TileCache cache(scratch / "tiles", 20'000);
  for (int i = 0; i < 100; ++i) {
    cache.keep(std::to_string(i), body);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  std::uintmax_t total = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch / "tiles")) total += entry.is_regular_file() ? entry.file_size() : 0;
  EXPECT_LE(total, 20'000U);
  EXPECT_GE(total, 10'000U);
  EXPECT_TRUE(cache.find("99"));
  EXPECT_FALSE(cache.find("0"));
}

TEST(TileCache, OldAnswersAndUnwritableFoldersAreMisses) {
  const test::Scratch scratch;
  TileCache fresh(scratch / "tiles", 1 << 20);
  fresh.keep("a", "body");
  EXPECT_TRUE(fresh.find("a"));
  TileCache stale(scratch / "tiles", 1 << 20, std::chrono::hours(0));
  EXPECT_FALSE(stale.find("a"));
  TileCache nowhere("/proc/nowhere/tiles", 1 << 20);
  nowhere.keep("a", "body");
  EXPECT_FALSE(nowhere.find("a"));
}

}  // namespace
}  // namespace fair::io
