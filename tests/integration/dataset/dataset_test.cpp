// fair dataset as a person runs it: chips and labels in, a registered dataset and a pack out.
#include <gtest/gtest.h>

#include "tests/integration/cli/command.h"
#include "tests/unit/native_io/pictures.h"

namespace fair::test {
namespace {

class Dataset : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(bench_.fair({"init"}).status, 0);
    std::filesystem::create_directories(bench_.folder / "chips");
    std::filesystem::create_directories(bench_.folder / "masks");
    for (int i = 0; i < 4; ++i) {
      const std::string name = "OAM-" + std::to_string(386697 + i) + "-220243-19";
      test::write(bench_.folder / ("chips/" + name + ".png"), Picture{}, "PNG");
      Picture mask;
      mask.bands = 1;
      mask.value = [](int x, int y, int) { return x < 16 && y < 16 ? 255 : 0; };
      test::write(bench_.folder / ("masks/" + name + ".png"), mask, "PNG");
    }
  }
  Bench bench_;
};

TEST_F(Dataset, MasksBecomeARegisteredDatasetThatFitsTheModel) {
  const Outcome made = bench_.fair({"dataset", "make", "--task", "segmentation", "--chips", "chips", "--labels", "masks", "--id", "town", "--holdout",
                                    "OAM-386700-*", "--register", "--json"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(made.json()["chips"]["holdout"], 1);
  EXPECT_EQ(made.json()["masks"], 4);
  const Outcome info = bench_.fair({"dataset", "info", "town", "--json"});
  ASSERT_EQ(info.status, 0) << info.err;
  EXPECT_NEAR(info.json()["parts"]["train"]["classes"]["building"].get<double>(), 1.0 / 16, 1e-9);
  const Outcome fits = bench_.fair({"compat", "unet-segmentation-small", "town"});
  EXPECT_EQ(fits.status, 0) << fits.out << fits.err;
  const Outcome packed = bench_.fair({"dataset", "pack", "town", "--out", "town.pack"});
  EXPECT_EQ(packed.status, 0) << packed.err;
  EXPECT_EQ(bench_.fair({"dataset", "info", "town.pack"}).status, 0);
}

TEST_F(Dataset, WithoutLabelsNothingIsMade) {
  const Outcome made = bench_.fair({"dataset", "make", "--chips", "chips", "--labels", "absent.geojson", "--id", "town", "--register"});
  EXPECT_EQ(made.status, 1);
  EXPECT_NE(made.err.find("absent.geojson"), std::string::npos) << made.err;
  EXPECT_FALSE(std::filesystem::exists(bench_.folder / "town"));
  EXPECT_EQ(bench_.fair({"dataset", "info", "town"}).status, 1);
}

}  // namespace
}  // namespace fair::test
