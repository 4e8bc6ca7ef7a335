// One suite for every tracker. The server's part runs where FAIR_TEST_MLFLOW names an MLflow server ("http://127.0.0.1:5001"): tests/peers/run.sh
// starts one. What MLflow's own client reads of either is looked at by tests/peers/loop.sh.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "core/base/json.h"
#include "native/track/mlflow_files.h"
#include "native/track/tracked_run.h"
#include "tests/unit/native_io/scratch.h"
#ifdef FAIR_WITH_CURL
#include "native/http/client.h"
#include "native/http/url.h"
#include "native/track/mlflow_server.h"
#endif

namespace fair::track {
namespace {
namespace fs = std::filesystem;

class Trackers : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (std::string(GetParam()) == "files") {
      tracker_ = mlflow_files(scratch_ / "mlruns");
      return;
    }
#ifdef FAIR_WITH_CURL
    const char* url = std::getenv("FAIR_TEST_MLFLOW");
    if (url == nullptr) GTEST_SKIP() << "no MLflow server: FAIR_TEST_MLFLOW is not set; tests/peers/run.sh starts one and sets it";
    MlflowOptions options;
    options.url = url_ = url;
    auto made = mlflow_server(options);
    ASSERT_TRUE(made) << made.error().message();
    tracker_ = std::move(*made);
#else
    GTEST_SKIP() << "a build without libcurl";
#endif
  }

  [[nodiscard]] static RunFacts facts() {
    RunFacts out;
    out.experiment = "fair-test " + std::to_string(::getpid());
    out.name = "it's a run";
    out.params = {{"learning_rate", "0.001"}, {"optimizer", "AdamW"}};
    out.tags = {{"fair.dataset", "town"}};
    return out;
  }

  /// Where the run of that id lies among the files.
  [[nodiscard]] fs::path folder(const std::string& run) const {
    for (const auto& experiment : fs::directory_iterator(scratch_ / "mlruns")) {
      if (fs::exists(experiment.path() / run)) return experiment.path() / run;
    }
    return {};
  }

  /// RUNNING, FINISHED …, whichever way the tracker tells it.
  std::string status(const std::string& run) {
    if (std::string(GetParam()) == "files") {
      const std::string meta = test::slurp((folder(run) / "meta.yaml").string());
      const std::size_t at = meta.find("\nstatus: ");
      const char digit = at == std::string::npos ? '?' : meta[at + 9];
      return digit == '1' ? "RUNNING" : digit == '3' ? "FINISHED" : digit == '4' ? "FAILED" : digit == '5' ? "KILLED" : "?";
    }
    return ask(run)["info"].value("status", "?");
  }
  /// How many points of a metric there are, and the last of them.
  std::pair<std::size_t, double> curve(const std::string& run, const std::string& key) {
    if (std::string(GetParam()) == "files") {
      std::ifstream in(folder(run) / "metrics" / key);
      std::size_t count = 0;
      double value = 0;
      for (long long when = 0, step = 0; in >> when >> value >> step;) ++count;
      return {count, value};
    }
#ifdef FAIR_WITH_CURL
    const Json json = get("/api/2.0/mlflow/metrics/get-history?run_id=" + run + "&metric_key=" + http::percent_encoded(key));
    const Json points = json.value("metrics", Json::array());
    return {points.size(), points.empty() ? 0.0 : points.back().value("value", 0.0)};
#else
    return {};
#endif
  }
  Json ask(const std::string& run) {
#ifdef FAIR_WITH_CURL
    return get("/api/2.0/mlflow/runs/get?run_id=" + run).value("run", Json::object());
#else
    return run;
#endif
  }
  Json get(const std::string& path) {
#ifdef FAIR_WITH_CURL
    const auto client = http::Client::create();
    http::Request request;
    request.url = url_ + path;
    const auto answer = client->send(request);
    return answer ? json_from(answer->body).value_or(Json::object()) : Json::object();
#else
    return path;
#endif
  }

  test::Scratch scratch_;
  std::string url_;
  std::unique_ptr<Tracker> tracker_;
};

TEST_P(Trackers, KeepARunFromItsBeginningToItsEnd) {
  const auto run = tracker_->start(facts());
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->size(), 32U);
  EXPECT_EQ(status(*run), "RUNNING");
  std::vector<Point> points;
  for (int i = 0; i < 1200; ++i) points.push_back({"fair/loss", 1.0 / (i + 1), i, now_milliseconds()});
  points.push_back({"val/mean_iou", 0.75, 1, now_milliseconds()});
  const auto logged = tracker_->log(*run, points);
  ASSERT_TRUE(logged) << logged.error().message();
  EXPECT_EQ(curve(*run, "fair/loss").first, 1200U);
  EXPECT_DOUBLE_EQ(curve(*run, "val/mean_iou").second, 0.75);
  std::ofstream(scratch_ / "model.onnx") << "bytes";
  const auto kept = tracker_->artifact(*run, "models/model.onnx", scratch_ / "model.onnx");
  ASSERT_TRUE(kept) << kept.error().message();
  ASSERT_TRUE(tracker_->end(*run, Outcome::finished));
  EXPECT_EQ(status(*run), "FINISHED");
  const auto second = tracker_->start(facts());  // the experiment is there now
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_NE(*second, *run);
  ASSERT_TRUE(tracker_->end(*second, Outcome::failed));
  EXPECT_EQ(status(*second), "FAILED");
  EXPECT_FALSE(tracker_->end("00000000000000000000000000000000", Outcome::finished));
}

TEST_P(Trackers, ARunThatIsLeftFails) {
  std::string id;
  {
    TrackedRun run(*tracker_, facts(), scratch_ / "runs/a/tracked.json", [](const std::string& line) { ADD_FAILURE() << line; });
    EXPECT_FALSE(run.address().empty());
    run.point("loss", 2, 1);
    id = Json::parse(test::slurp((scratch_ / "runs/a/tracked.json").string()))["run"];
  }
  EXPECT_EQ(status(id), "FAILED");
  EXPECT_EQ(curve(id, "loss").first, 1U);
  EXPECT_FALSE(fs::exists(scratch_ / "runs/a/tracked.json"));
}

TEST_P(Trackers, ARunWhoseProgramDiedIsEndedByTheNext) {
  const fs::path note = scratch_ / "runs/dead/tracked.json";
  const auto quiet = [](const std::string&) {};
  const pid_t child = ::fork();
  if (child == 0) {
    auto* run = new TrackedRun(*tracker_, facts(), note, quiet);  // never ended, as where the program is killed
    run->point("loss", 1, 1);
    ::_exit(0);
  }
  int exit_status = 0;
  ::waitpid(child, &exit_status, 0);
  ASSERT_TRUE(fs::exists(note));
  const std::string id = Json::parse(test::slurp(note.string()))["run"];
  EXPECT_EQ(status(id), "RUNNING");
  TrackedRun alive(*tracker_, facts(), scratch_ / "runs/alive/tracked.json", quiet);
  finish_dead(*tracker_, scratch_ / "runs", [](const std::string& line) { ADD_FAILURE() << line; });
  EXPECT_EQ(status(id), "KILLED");
  EXPECT_FALSE(fs::exists(note));
  EXPECT_TRUE(fs::exists(scratch_ / "runs/alive/tracked.json"));
  alive.end(Outcome::finished);
}

#ifdef FAIR_WITH_CURL
TEST(TrackedRun, GoesOnWithoutATrackerThatCannotBeReached) {
  const test::Scratch scratch;
  setenv("no_proxy", "127.0.0.1", 1);
  MlflowOptions options;
  options.url = "http://127.0.0.1:1";
  const auto tracker = mlflow_server(options);
  ASSERT_TRUE(tracker);
  int said = 0;
  TrackedRun run(**tracker, {}, scratch / "tracked.json", [&](const std::string&) { ++said; });
  for (int i = 0; i < 1000; ++i) run.point("loss", 1, i);
  run.end(Outcome::finished);
  EXPECT_EQ(said, 1);
  EXPECT_EQ(run.address(), "");
}
#endif

INSTANTIATE_TEST_SUITE_P(Each, Trackers, testing::Values("files", "server"), [](const auto& which) { return std::string(which.param); });

}  // namespace
}  // namespace fair::track
