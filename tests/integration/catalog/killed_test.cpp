// The program itself, killed at any moment of a promotion.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>

#include "tests/unit/native_launch/publishing_workspace.h"

namespace fair::launch {
namespace {

using KilledProgram = Publishing;

TEST_F(KilledProgram, ThirtyTimesLeavesACatalogueThatTheNextCommandFinishes) {
  version(), version();
  const fs::path folder = workspace_->folder();
  runs_.reset();
  workspace_.reset();
  std::mt19937 random(11);
  int killed = 0;
  for (int kill = 0; kill < 30; ++kill) {
    const std::string number = std::to_string(1 + kill % 2);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      if (std::freopen("/dev/null", "w", stdout) == nullptr || std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(1);
      ::execl(FAIR_PROGRAM, "fair", "--workspace", folder.c_str(), "promote", "town-buildings", number.c_str(), nullptr);
      ::_exit(127);
    }
    ::usleep(random() % 150000);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << "kill " << kill << ": exit status " << WEXITSTATUS(status);
    killed += WIFSIGNALED(status) ? 1 : 0;
    auto workspace = store::Workspace::open(folder);
    ASSERT_TRUE(workspace) << "kill " << kill << ": " << workspace.error().message();
    auto runs = runs::open_sqlite((folder / "runs.sqlite").string());
    ASSERT_TRUE(runs);
    int active = 0;
    const auto items = workspace->catalog().items(catalog::local_models);
    ASSERT_TRUE(items) << items.error().message();
    for (const auto& item : *items) active += item.deprecated() ? 0 : 1;
    EXPECT_LE(active, 1) << "kill " << kill;
    EXPECT_TRUE(items->empty() || active == 1) << "kill " << kill;
    const auto again = promote(*workspace, **runs, "town-buildings", 1 + kill % 2);
    ASSERT_TRUE(again) << "kill " << kill << ": " << again.error().message();
    EXPECT_EQ(again->item.version(), number);
  }
  EXPECT_GT(killed, 0);
}

}  // namespace
}  // namespace fair::launch
