// A program killed at any moment of publishing: the catalogue is whole before and after recovery, and the next command finds stages that
// say what it says.
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
  auto versions = versions::open_sqlite((folder / "runs.sqlite").string());
  while (workspace && versions) {
    const int number = 1 + static_cast<int>(random() % 3);
    switch (random() % 4) {
      case 0: (void)archive(*workspace, **versions, "town-buildings", number); break;
      case 1: (void)catalog::register_dataset(workspace->catalog(), dataset(), now); break;
      default: (void)promote(*workspace, **versions, "town-buildings", number); break;
    }
  }
  ::_exit(1);
}

TEST_F(Killed, TwoHundredTimesNothingIsHalf) {
  for (int i = 0; i < 3; ++i) version();
  const fs::path folder = workspace_->folder();
  runs_.reset();
  versions_.reset();
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
    auto versions = versions::open_sqlite((folder / "runs.sqlite").string());
    ASSERT_TRUE(versions) << versions.error().message();
    settle_left(
        *workspace, [&]() -> Result<versions::VersionStore*> { return versions->get(); }, [](const std::string&) {});
    expect_agreement(*workspace, **versions, kill);
    const int number = 1 + kill % 3;
    const auto again = promote(*workspace, **versions, "town-buildings", number);
    ASSERT_TRUE(again) << "kill " << kill << ": " << again.error().message();
    expect_agreement(*workspace, **versions, kill);
    if (HasFailure()) break;
  }
  RecordProperty("recovered", recovered);
  EXPECT_GT(recovered, 0) << "no kill came between a commit and its end: the test proves too little";
  auto workspace = store::Workspace::open(folder);
  auto versions = versions::open_sqlite((folder / "runs.sqlite").string());
  EXPECT_EQ(remove_all(*workspace, **versions, "town-buildings").value_or(0), 3U);
}

}  // namespace
}  // namespace fair::launch
