// fair finetune, stopped with Ctrl-C and gone on with.
#include <gtest/gtest.h>

#include "tests/integration/cli/child.h"
#include "tests/integration/cli/command.h"
#include "tests/unit/native_io/pictures.h"

namespace fair::test {
namespace {

class Finetune : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(bench_.fair({"init", "--empty"}).status, 0);
    ASSERT_EQ(bench_.fair({"register", "plugin:unet-segmentation-small"}).status, 0);
    std::filesystem::create_directories(bench_.folder / "chips");
    std::filesystem::create_directories(bench_.folder / "masks");
    for (int i = 0; i < 5; ++i) {
      const std::string name = "OAM-" + std::to_string(386697 + i) + "-220243-19.png";
      const auto house = [i](int x, int y) { return x >= 30 + 9 * i && x < 120 && y >= 50 && y < 140 + 7 * i; };
      Picture chip;
      chip.width = chip.height = 256;
      chip.value = [house](int x, int y, int b) { return (house(x, y) ? 180 : 60) + (x * 7 + y * 13 + b * 5) % 40; };
      write(bench_.folder / "chips" / name, chip, "PNG");
      chip.bands = 1;
      chip.value = [house](int x, int y, int) { return house(x, y) ? 255 : 0; };
      write(bench_.folder / "masks" / name, chip, "PNG");
    }
    const Outcome made =
        bench_.fair({"dataset", "make", "--chips", "chips", "--labels", "masks", "--id", "town", "--val-ratio", "0.2", "--register"});
    ASSERT_EQ(made.status, 0) << made.err;
  }
  [[nodiscard]] std::vector<std::string> training(const std::string& name) const {
    return {"finetune",
            "--base",
            "unet-segmentation-small",
            "--dataset",
            "town",
            "--name",
            name,
            "--threads",
            "1",
            "--seed",
            "5",
            "--device",
            "cpu",
            "--set",
            "epochs=4",
            "--set",
            "samples_per_epoch=6",
            "--set",
            "batch_size=2",
            "--json"};
  }
  Bench bench_;
};

TEST_F(Finetune, StoppedAndResumedEndsWithTheSameBits) {
  const Outcome whole = bench_.fair(training("town-whole"));
  ASSERT_EQ(whole.status, 0) << whole.err;

  Child child(bench_.folder, training("town-parts"));
  const auto begin = std::chrono::steady_clock::now();
  while (bench_.read("child.err").find("epoch 1/") == std::string::npos) {
    ASSERT_TRUE(child.running()) << "ended by itself: " << bench_.read("child.err");
    ASSERT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  child.send(SIGINT);
  ASSERT_TRUE(child.ends_within(std::chrono::seconds(30))) << "a stop may take a step, not longer";
  const int status = child.wait();
  ASSERT_TRUE(WIFEXITED(status)) << "the signal ended it";
  EXPECT_EQ(WEXITSTATUS(status), 1);
  const Json stopped = Json::parse(bench_.read("child.out"), nullptr, false);
  ASSERT_TRUE(stopped.is_object()) << bench_.read("child.out") << bench_.read("child.err");
  EXPECT_EQ(stopped["stopped"], true);
  EXPECT_EQ(stopped["version"], nullptr);
  EXPECT_LT(stopped["steps"].get<int>(), 12) << "too late to prove anything";
  const std::string run = stopped["run"].get<std::string>();
  EXPECT_TRUE(bench_.exists("w/artifacts/runs/" + run + "/last.checkpoint"));
  const Json shown = bench_.fair({"runs", "show", run, "--json"}).json();
  EXPECT_EQ(shown["status"], "stopped") << shown.dump(1);
  EXPECT_EQ(bench_.fair({"promote", "town-parts", "1"}).status, 1) << "a stopped run is no version";

  const Outcome resumed = bench_.fair({"finetune", "--resume", run, "--json"});
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(resumed.json()["steps"], whole.json()["steps"]);
  EXPECT_EQ(resumed.json()["metrics"], whole.json()["metrics"]);
  const auto weights = [this](const Outcome& outcome) {
    return bench_.read("w/artifacts/" + outcome.json()["artifacts"]["trained_model"].get<std::string>());
  };
  ASSERT_FALSE(weights(whole).empty());
  EXPECT_TRUE(weights(whole) == weights(resumed)) << "every bit of every weight";
}

}  // namespace
}  // namespace fair::test
