// Disks that are read-only or full, and two people at once.
#include "tests/integration/cli/command.h"

namespace fair {
namespace {

using test::Bench;
using test::Outcome;

/// Runs fair with files limited to `blocks` of 512 bytes, as a disk that fills up does to it.
std::string with_little_room(int blocks) { return "bash -c 'trap \"\" XFSZ; ulimit -f " + std::to_string(blocks) + "; exec \"$@\"' bash"; }

TEST(Disk, ThatIsReadOnlyIsNamedAndReadingGoesOn) {
  const Bench bench;
  ASSERT_EQ(bench.fair({"init", "--empty"}).status, 0);
  ASSERT_EQ(bench.fair({"register", "plugin:unet-segmentation-small"}).status, 0);
  // Root may write everywhere, unless it gives that up.
  const std::string humble = ::geteuid() == 0 ? "setpriv --bounding-set=-dac_override,-dac_read_search" : "";
  if (bench.fair({"--version"}, humble).status != 0) GTEST_SKIP() << "setpriv cannot take root's rights away here";
  const std::string w = "'" + (bench.folder / "w").string() + "'";
  ASSERT_EQ(std::system(("chmod -R a-w " + w).c_str()), 0);
  const std::string before = bench.read("w/catalog/base-models/collection.json");
  const Outcome outcome = bench.fair({"register", "plugin:unet-segmentation-small"}, humble);
  const Outcome shown = bench.fair({"show", "unet-segmentation-small"}, humble);
  const Outcome listed = bench.fair({"list"}, humble);
  ASSERT_EQ(std::system(("chmod -R u+w " + w).c_str()), 0);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("ermission denied"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("--workspace"), std::string::npos) << outcome.err;
  EXPECT_EQ(bench.read("w/catalog/base-models/collection.json"), before);
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_EQ(listed.status, 0) << listed.err;
}

TEST(Disk, ThatIsFullLeavesTheCatalogueAsItWas) {
  const Bench bench;
  ASSERT_EQ(bench.fair({"init", "--empty"}).status, 0);
  const Outcome no_model = bench.fair({"register", "plugin:unet-segmentation-small"}, with_little_room(1000));
  EXPECT_EQ(no_model.status, 1);
  EXPECT_NE(no_model.err.find("free"), std::string::npos) << no_model.err;
  EXPECT_FALSE(bench.exists("w/artifacts/base-models/unet-segmentation-small/model.onnx"));
  EXPECT_EQ(bench.fair({"list"}).out, "nothing yet\n");
  ASSERT_EQ(bench.fair({"register", "plugin:unet-segmentation-small"}).status, 0);
  for (const int blocks : {1, 2, 4, 8, 16}) {
    const Outcome no_item = bench.fair({"register", "plugin:unet-segmentation-small"}, with_little_room(blocks));
    EXPECT_EQ(no_item.status, 1) << blocks;
    EXPECT_NE(no_item.err.find("free"), std::string::npos) << no_item.err;
    EXPECT_EQ(bench.fair({"show", "unet-segmentation-small", "--json"}).json()["properties"]["version"], "1") << blocks;
    EXPECT_EQ(bench.fair({"validate", "--offline", "w/catalog"}).status, 0);
  }
  EXPECT_EQ(bench.fair({"register", "plugin:unet-segmentation-small", "--json"}).json()["registered"][0]["version"], "2");
}

TEST(Writers, AtOnceAllCountOrAreTold) {
  const Bench bench;
  ASSERT_EQ(bench.fair({"init", "--empty"}).status, 0);
  ASSERT_EQ(bench.fair({"register", "plugin:unet-segmentation-small"}).status, 0);
  const std::string one = "(FAIR_WORKSPACE=w '" FAIR_PROGRAM "' register plugin:unet-segmentation-small; echo \"status $?\")";
  const std::string line = "cd '" + bench.folder.string() + "' && { " + one + " & " + one + " & " + one + " & wait; } >all.txt 2>&1";
  ASSERT_EQ(std::system(line.c_str()), 0);
  const std::string told = bench.read("all.txt");
  const auto count = [&](const std::string& word) {
    std::size_t n = 0;
    for (std::size_t at = told.find(word); at != std::string::npos; at = told.find(word, at + 1)) ++n;
    return n;
  };
  const std::size_t done = count("status 0");
  EXPECT_GE(done, 1U) << told;
  EXPECT_EQ(done + count("status 1"), 3U) << told;
  EXPECT_EQ(count("try again"), count("status 1")) << told;
  EXPECT_EQ(bench.fair({"show", "unet-segmentation-small", "--json"}).json()["properties"]["version"], std::to_string(1 + done)) << told;
  EXPECT_EQ(bench.fair({"validate", "--offline", "w/catalog"}).status, 0);
}

}  // namespace
}  // namespace fair
