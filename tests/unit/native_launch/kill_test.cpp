// A program killed at any moment of publishing: the catalogue is whole before and after recovery, and saying the command again finishes it.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>

#include "tests/unit/native_launch/publishing_workspace.h"
#include "tests/unit/native_launch/whole_catalogue.h"

namespace fair::launch {
namespace {

using Killed = Publishing;

/// Never ends.
[[noreturn]] void publish_on_and_on(const fs::path& folder, unsigned seed) {
  std::mt19937 random(seed);
  auto workspace = store::Workspace::open(folder);
  auto runs = runs::open_sqlite((folder / "runs.sqlite").string());
  while (workspace && runs) {
    const int number = 1 + static_cast<int>(random() % 3);
    switch (random() % 4) {
      case 0: (void)archive(*workspace, **runs, "town-buildings", number); break;
      case 1: (void)catalog::register_dataset(workspace->catalog(), dataset(), now); break;
      default: (void)promote(*workspace, **runs, "town-buildings", number); break;
    }
  }
  ::_exit(1);
}

TEST_F(Killed, TwoHundredTimesNothingIsHalf) {
  for (int i = 0; i < 3; ++i) version();
  const fs::path folder = workspace_->folder();
  runs_.reset();
  workspace_.reset();
  std::mt19937 random(7);
  int recovered = 0;
  for (int kill = 0; kill < 200; ++kill) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) publish_on_and_on(folder, random());
    random();
    ::usleep(1000 + random() % 20000);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer gave up by itself";
    expect_whole(folder / "catalog", kill);
    recovered += fs::exists(folder / "catalog" / ".journal.json") ? 1 : 0;
    auto workspace = store::Workspace::open(folder);
    ASSERT_TRUE(workspace) << "kill " << kill << ": " << workspace.error().message();
    EXPECT_FALSE(fs::exists(folder / "catalog" / ".journal.json"));
    expect_whole(folder / "catalog", kill);
    auto runs = runs::open_sqlite((folder / "runs.sqlite").string());
    ASSERT_TRUE(runs) << runs.error().message();
    const int number = 1 + kill % 3;
    const auto again = promote(*workspace, **runs, "town-buildings", number);
    ASSERT_TRUE(again) << "kill " << kill << ": " << again.error().message();
    expect_agreement(*workspace, **runs, kill);
    if (HasFailure()) break;
  }
  RecordProperty("recovered", recovered);
  EXPECT_GT(recovered, 0) << "no kill came between a commit and its end: the test proves too little";
  auto workspace = store::Workspace::open(folder);
  auto runs = runs::open_sqlite((folder / "runs.sqlite").string());
  EXPECT_EQ(remove_all(*workspace, **runs, "town-buildings").value_or(0), 3U);
}

}  // namespace
}  // namespace fair::launch
