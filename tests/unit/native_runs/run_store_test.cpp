#include "native/runs/run_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace fair::runs {
namespace {

class RunStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / ("fair-runs-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    path = (folder / "runs.sqlite").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
  std::string path;
};

TEST_F(RunStoreTest, ARunKeepsItsStepsLinesAndMetadata) {
  auto store = open_sqlite(path);
  ASSERT_TRUE(store) << store.error().message();
  const auto id = (*store)->start("training", "unet-finetuned", Json{{"a", 1}});
  ASSERT_TRUE(id);
  ASSERT_TRUE((*store)->start_step(*id, "load_data", Json{{"chips", 3}}));
  ASSERT_TRUE((*store)->end_step(*id, "load_data", Status::completed, Json{{"pack", "x.pack"}}));
  ASSERT_TRUE((*store)->start_step(*id, "train_model", Json::object()));
  ASSERT_TRUE((*store)->log(*id, "first"));
  ASSERT_TRUE((*store)->log(*id, "second"));
  ASSERT_TRUE((*store)->set_metadata(*id, Json{{"fair/mean_iou", 0.5}}));
  ASSERT_TRUE((*store)->set_metadata(*id, Json{{"fair/accuracy", 0.9}}));
  ASSERT_TRUE((*store)->end(*id, Status::stopped, "asked to stop"));
  auto again = open_sqlite(path);
  const auto run = (*again)->run(*id);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->status, Status::stopped);
  EXPECT_EQ(run->error, "asked to stop");
  ASSERT_EQ(run->steps.size(), 2U);
  EXPECT_EQ(run->steps[0].artifacts["pack"], "x.pack");
  EXPECT_EQ(run->steps[1].status, Status::stopped) << "a step that was running ends with its run";
  EXPECT_EQ(run->metadata["fair/mean_iou"], 0.5);
  EXPECT_EQ(run->metadata["fair/accuracy"], 0.9);
  EXPECT_EQ((*again)->log_lines(*id)->size(), 2U);
}

TEST_F(RunStoreTest, AFileThatIsNoRunStoreIsRefused) {
  std::ofstream(path) << "these are not the tables you look for, but text that is long enough to be read as a header of some hundred bytes ........";
  const auto store = open_sqlite(path);
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message().find("runs.sqlite"), std::string::npos);
}

}  // namespace
}  // namespace fair::runs
