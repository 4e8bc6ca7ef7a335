#include "native/runs/run_store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "native/runs/database.h"
#include "native/runs/process.h"

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

TEST_F(RunStoreTest, ARunWhoseProgramWasKilledHasFailed) {
  ASSERT_TRUE(open_sqlite(path));
  const pid_t child = ::fork();
  if (child == 0) {  // as it would be killed: between two steps, with no time to say so
    auto store = open_sqlite(path);
    const auto id = (*store)->start("training", "town", Json::object());
    ::_exit(store && id && (*store)->start_step(*id, "train_model", Json::object()) ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  auto store = open_sqlite(path);
  const auto mine = (*store)->start("training", "town", Json::object());
  ASSERT_TRUE(mine);
  const auto all = (*store)->runs();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  for (const runs::Run& run : *all) {
    const bool killed = run.id != *mine;
    EXPECT_EQ(run.status, killed ? Status::failed : Status::running);
    EXPECT_EQ(run.error.find("process " + std::to_string(child)) != std::string::npos, killed) << run.error;
    if (killed) {
      EXPECT_EQ((*store)->run(run.id)->steps.at(0).status, Status::failed);
    }
  }
}

TEST_F(RunStoreTest, AnOlderLayoutIsBroughtUpToDate) {
  {
    auto store = open_sqlite(path);
    ASSERT_TRUE((*store)->start("training", "town", Json{{"a", 1}}));
    auto database = Database::open(path);
    ASSERT_TRUE((*database)->execute("ALTER TABLE run DROP COLUMN process; PRAGMA user_version = 1"));
  }
  for (int i = 0; i < 2; ++i) {
    auto store = open_sqlite(path);
    ASSERT_TRUE(store) << store.error().message();
    const auto all = (*store)->runs();
    ASSERT_TRUE(all) << all.error().message();
    ASSERT_EQ(all->size(), 1U);
    EXPECT_EQ(all->front().config["a"], 1);
    EXPECT_EQ(all->front().status, Status::running) << "nobody wrote down who began it";
  }
}

TEST_F(RunStoreTest, AProcessOfAnEarlierBootSeemsToHaveEnded) {
  Json process = this_process();
  EXPECT_FALSE(seems_to_have_ended(process));
  process["machine"] = "an earlier boot pid:[1]";
  EXPECT_TRUE(seems_to_have_ended(process));
  EXPECT_FALSE(has_ended(process)) << "of another machine nothing is known for certain";
  process["host"] = "another.example.org";
  EXPECT_FALSE(seems_to_have_ended(process));
  EXPECT_FALSE(seems_to_have_ended(Json()));
}

TEST_F(RunStoreTest, AFileThatIsNoRunStoreIsRefused) {
  std::ofstream(path) << "these are not the tables you look for, but text that is long enough to be read as a header of some hundred bytes ........";
  const auto store = open_sqlite(path);
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message().find("runs.sqlite"), std::string::npos);
}

}  // namespace
}  // namespace fair::runs
