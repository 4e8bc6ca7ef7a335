// The program itself, killed at any moment of registering, promoting, archiving and deleting; and two of it at once.
#include <csignal>
#include <cstdlib>
#include <random>

#include "tests/integration/cli/child.h"
#include "tests/unit/native_io/pictures.h"
#include "tests/unit/native_launch/publishing_workspace.h"
#include "tests/unit/native_launch/whole_catalogue.h"

namespace fair::launch {
namespace {

class Program : public Publishing {
 protected:
  void SetUp() override {
    Publishing::SetUp();
    for (int i = 0; i < 3; ++i) version();
    folder_ = workspace_->folder();
    stac::Item item = dataset();
    item.json()["assets"]["chips"]["href"] = "chips";
    item.json()["assets"]["labels"]["href"] = "town.geojson";
    test::spill(scratch_ / "town.json", to_text(item.json()));
    test::spill(scratch_ / "town.geojson",
                R"({"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon",)"
                R"("coordinates":[[[85.51,27.61],[85.52,27.61],[85.52,27.62],[85.51,27.61]]]}}]})");
    test::spill(scratch_ / "dataset.pack", "packed");
    fs::create_directories(scratch_ / "chips");
    for (int i = 0; i < 5; ++i) test::write(scratch_ / ("chips/OAM-" + std::to_string(386697 + i) + "-220243-19.png"), test::Picture{}, "PNG");
  }
  void close() {
    runs_.reset();
    versions_.reset();
    workspace_.reset();
  }
  /// As the next command finds it: what was begun is finished or undone.
  void reopen(int kill) {
    auto workspace = store::Workspace::open(folder_);
    ASSERT_TRUE(workspace) << "kill " << kill << ": " << workspace.error().message();
    workspace_ = std::make_unique<store::Workspace>(std::move(*workspace));
    auto runs = runs::open_sqlite((folder_ / "runs.sqlite").string());
    ASSERT_TRUE(runs) << "kill " << kill << ": " << runs.error().message();
    runs_ = std::move(*runs);
    auto versions = versions::open_sqlite((folder_ / "runs.sqlite").string());
    ASSERT_TRUE(versions) << "kill " << kill << ": " << versions.error().message();
    versions_ = std::move(*versions);
    settle_left(
        *workspace_, [&]() -> Result<versions::VersionStore*> { return versions_.get(); }, [](const std::string&) {});
  }
  fs::path folder_;
};

/// 40 times in the quick suite; FAIR_KILLS for more.
int kills() {
  const char* asked = std::getenv("FAIR_KILLS");
  return asked != nullptr ? std::atoi(asked) : 40;
}

TEST_F(Program, KilledAtAnyMomentLeavesNothingHalf) {
  std::mt19937 random(11);
  int killed = 0;
  for (int kill = 0; kill < kills(); ++kill) {
    const auto versions = *versions_->versions("town-buildings");
    const std::string number = std::to_string(versions[random() % versions.size()].number);
    close();
    const std::vector<std::vector<std::string>> commands{{"promote", "town-buildings", number},
                                                         {"promote", "town-buildings", number},
                                                         {"archive", "town-buildings", number},
                                                         {"delete", "town-buildings", number},
                                                         {"register", "town.json"},
                                                         {"register", "plugin:unet-segmentation-small"}};
    const auto& command = commands[random() % commands.size()];
    test::Child child(scratch_.path(), command);
    ::usleep(random() % 90000);
    child.send(SIGKILL);
    const int status = child.wait();
    ASSERT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0)
        << "kill " << kill << ", " << command[0] << ": " << test::slurp(scratch_ / "child.err");
    killed += WIFSIGNALED(status) ? 1 : 0;
    expect_whole(folder_ / "catalog", kill);
    reopen(kill);
    ASSERT_FALSE(HasFatalFailure());
    EXPECT_FALSE(fs::exists(folder_ / "catalog" / ".journal.json"));
    expect_whole(folder_ / "catalog", kill);
    expect_one_active(*workspace_, catalog::base_models);
    expect_one_active(*workspace_, catalog::datasets);
    expect_agreement(*workspace_, *versions_, kill);
    // Said again, an interrupted command comes to its end; whatever it was, a promotion then does all it should.
    while (versions_->versions("town-buildings")->size() < 3) version();
    const int next = versions_->versions("town-buildings")->front().number;
    const auto again = promote(*workspace_, *versions_, "town-buildings", next);
    ASSERT_TRUE(again) << "kill " << kill << " of " << command[0] << ": " << again.error().message();
    expect_agreement(*workspace_, *versions_, kill);
    if (HasFailure()) break;
  }
  EXPECT_GT(killed, kills() / 4) << "the program was done too soon for the test to prove anything";
}

TEST_F(Program, TwoAtOnceLoseNothing) {
  close();
  int done = 0;
  for (int round = 0; round < 6; ++round) {
    const std::string what = round % 2 == 0 ? "town.json" : "plugin:unet-segmentation-small";
    test::Child one(scratch_.path(), {"register", what}, "one"), two(scratch_.path(), {"register", what}, "two");
    for (test::Child* child : {&one, &two}) {
      ASSERT_TRUE(child->ends_within(std::chrono::seconds(30)));
      const int status = child->wait();
      ASSERT_TRUE(WIFEXITED(status));
      const std::string said = test::slurp(scratch_ / (child == &one ? "one.err" : "two.err"));
      if (WEXITSTATUS(status) == 0) ++done;
      else EXPECT_NE(said.find("try again"), std::string::npos) << said;
    }
  }
  EXPECT_GE(done, 6);
  reopen(0);
  EXPECT_EQ(expect_one_active(*workspace_, catalog::base_models) + expect_one_active(*workspace_, catalog::datasets),
            2U + static_cast<std::size_t>(done));
  expect_whole(folder_ / "catalog", 0);
}

}  // namespace
}  // namespace fair::launch
