#include "native/infer/driver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/unit/native_infer/stand_ins.h"

namespace fair::infer {
namespace {

using stand_in::Counter;
using stand_in::Echo;
using stand_in::Town;

struct Setting {
  std::vector<std::unique_ptr<BlockSource>> sources;
  Echo runner;
  Counter sink;
  PredictOptions options;
  Result<PredictReport> go() { return predict(stand_in::core::spec(256), stand_in::plugin(), runner, sources, sink, options); }
};

TEST(Driver, PredictsAMosaicWhole) {
  Setting s;
  s.sources.push_back(std::make_unique<Town>(4, 4));
  const auto report = s.go();
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->blocks, 16);
  EXPECT_EQ(report->windows, 25);
  EXPECT_EQ(report->windows_run, 25);
  EXPECT_EQ(s.sink.count, 26 * 26) << "houses are whole, and also those at the edge";
  EXPECT_TRUE(s.sink.finished);
}

TEST(Driver, ManySmallSourcesKeepTheirOrderAndTheirOwnIds) {
  std::vector<std::string> first;
  for (int threads : {1, 3}) {
    Setting s;
    s.sink.keep = true;
    s.options.fetch_threads = threads;
    for (int i = 0; i < 20; ++i) s.sources.push_back(std::make_unique<Town>(1 + i % 2, 1));
    const auto report = s.go();
    ASSERT_TRUE(report) << report.error().message();
    const std::set<std::string> unique(s.sink.ids.begin(), s.sink.ids.end());
    EXPECT_EQ(unique.size(), s.sink.ids.size());
    if (first.empty()) first = s.sink.ids;
    EXPECT_EQ(s.sink.ids, first);
  }
}

TEST(Driver, MissingBlocksAreNoData) {
  Setting s;
  auto town = std::make_unique<Town>(4, 4);
  town->missing_every = 1;
  s.sources.push_back(std::move(town));
  const auto report = s.go();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->blocks_missing, 16);
  EXPECT_EQ(report->windows_run, 0);
  EXPECT_EQ(s.sink.count, 0);
  EXPECT_TRUE(s.sink.finished);
}

TEST(Driver, AbsentBlocksAreNotFetched) {
  Setting s;
  auto town = std::make_unique<Town>(40, 40);
  town->change().present.assign(1600, false);
  town->change().present[820] = true;
  const Town* seen = town.get();
  s.sources.push_back(std::move(town));
  const auto report = s.go();
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(seen->fetched.load(), 1);
  EXPECT_GT(s.sink.count, 30);
}

TEST(Driver, FaultsEndItWithoutFinishingTheSink) {
  for (int what = 0; what < 3; ++what) {
    Setting s;
    auto town = std::make_unique<Town>(6, 6);
    if (what == 0) town->fail_at = 7;
    if (what == 1) s.runner.fail_at = 5;
    if (what == 2) s.runner.throw_at = 5;
    s.sources.push_back(std::move(town));
    const auto report = s.go();
    ASSERT_FALSE(report);
    EXPECT_NE(report.error().message().find("for this test"), std::string::npos) << report.error().message();
    EXPECT_FALSE(s.sink.finished);
  }
}

TEST(Driver, StopsWhenAskedTo) {
  Setting s;
  std::atomic<bool> stop{false};
  s.options.stop = &stop;
  s.options.on_progress = [&](const PredictProgress& p) { stop = p.windows_done > 0; };
  s.sources.push_back(std::make_unique<Town>(64, 64));
  const auto report = s.go();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::cancelled);
  EXPECT_FALSE(s.sink.finished);
  EXPECT_LT(s.runner.runs, 4000);
}

TEST(Driver, ProgressEndsAtTheTotal) {
  Setting s;
  PredictProgress last;
  s.options.on_progress = [&](const PredictProgress& p) { last = p; };
  s.sources.push_back(std::make_unique<Town>(3, 2));
  s.sources.push_back(std::make_unique<Town>(1, 1));
  ASSERT_TRUE(s.go());
  EXPECT_EQ(last.windows_done, last.windows_total);
  EXPECT_EQ(last.sources_done, 2U);
  EXPECT_EQ(last.features, s.sink.count);
}

TEST(Driver, NamesTheSourceThatIsWrong) {
  Setting s;
  auto town = std::make_unique<Town>(1, 1);
  town->change().columns = 0;
  s.sources.push_back(std::move(town));
  const auto report = s.go();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().message().rfind("town", 0), 0U) << report.error().message();
  s.sources.clear();
  EXPECT_FALSE(s.go());
}

}  // namespace
}  // namespace fair::infer
