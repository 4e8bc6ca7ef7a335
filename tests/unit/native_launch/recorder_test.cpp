#include "native/launch/recorder.h"

#include <gtest/gtest.h>

#include "tests/unit/native_io/scratch.h"

namespace fair::launch {
namespace {

class Recording : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = runs::open_sqlite((scratch_ / "runs.sqlite").string());
    ASSERT_TRUE(opened) << opened.error().message();
    store_ = std::move(*opened);
  }
  test::Scratch scratch_;
  std::unique_ptr<runs::RunStore> store_;
};

TEST_F(Recording, KeepsStepsLogAndEnd) {
  std::vector<std::string> heard;
  auto recorder = Recorder::start(*store_, "training", "town", {{"k", 1}}, [&](const std::string& line) { heard.push_back(line); });
  ASSERT_TRUE(recorder);
  const std::string id = recorder->id();
  ASSERT_TRUE(recorder->step("load_data", {{"p", 2}}, [] { return Result<Json>(Json{{"dataset", "d.pack"}}); }));
  recorder->log("loaded");
  ASSERT_TRUE(recorder->metadata({{"fair/mean_iou", 0.8}}));
  ASSERT_TRUE(recorder->complete());
  const auto run = store_->run(id);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->status, runs::Status::completed);
  ASSERT_EQ(run->steps.size(), 1U);
  EXPECT_EQ(run->steps[0].artifacts["dataset"], "d.pack");
  EXPECT_EQ(run->config["k"], 1);
  EXPECT_EQ(run->metadata["fair/mean_iou"], 0.8);
  EXPECT_EQ(heard, *store_->log_lines(id));
}

TEST_F(Recording, AFailedStepFailsTheRunAndSaysWhy) {
  auto recorder = Recorder::start(*store_, "training", "town", {}, {});
  ASSERT_TRUE(recorder);
  const std::string id = recorder->id();
  const auto step = recorder->step("train_model", {}, [] { return Result<Json>(fail(Code::invalid, "loss", "a number", "nan")); });
  ASSERT_FALSE(step);
  EXPECT_EQ(recorder->fail(step.error()).code, Code::invalid);
  const auto run = store_->run(id);
  EXPECT_EQ(run->status, runs::Status::failed);
  EXPECT_EQ(run->steps.at(0).status, runs::Status::failed);
  EXPECT_NE(run->error.find("nan"), std::string::npos);
}

TEST_F(Recording, StoppedAndForgottenRunsDoNotStayRunning) {
  std::string stopped, forgotten;
  {
    auto recorder = Recorder::start(*store_, "training", "town", {}, {});
    stopped = recorder->id();
    const auto step = recorder->step("train_model", {}, [] { return Result<Json>(fail(Code::cancelled, "training", "", "")); });
    recorder->fail(step.error());
  }
  {
    auto recorder = Recorder::start(*store_, "inference", "town", {}, {});
    forgotten = recorder->id();
  }
  EXPECT_EQ(store_->run(stopped)->status, runs::Status::stopped);
  EXPECT_EQ(store_->run(stopped)->steps.at(0).status, runs::Status::stopped);
  EXPECT_EQ(store_->run(forgotten)->status, runs::Status::failed);
}

}  // namespace
}  // namespace fair::launch
