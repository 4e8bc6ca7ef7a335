// fair demo on the smallest town with seconds of training: every part of the way, not its quality.
#include "native/io/raster_file.h"
#include "tests/integration/cli/command.h"

namespace {

using namespace fair;

TEST(Demo, GoesAllTheWayAndSaysWhereThingsLie) {
  const test::Bench bench;
  const auto done = bench.fair({"--json", "demo", "--out", "d", "--size", "4", "--minutes", "0.05"});
  ASSERT_EQ(done.status, 0) << done.err;
  const Json json = done.json();
  ASSERT_TRUE(json.is_object()) << done.out;
  for (const char* key : {"geojson", "picture", "training_curve"}) {
    EXPECT_TRUE(bench.exists(json.at(key).get<std::string>())) << key << ": " << json.at(key);
  }
  EXPECT_TRUE(json.at("holdout_building_iou").is_number());
  EXPECT_GE(json.at("steps").size(), 8U);
  const auto picture = io::RasterFile::open(bench.folder / json.at("picture").get<std::string>());
  ASSERT_TRUE(picture) << picture.error().message();
  EXPECT_GE(picture->info().width, 1024);
  EXPECT_NE(bench.read(json.at("training_curve").get<std::string>()).find("<polyline"), std::string::npos);
  EXPECT_EQ(Json::parse(bench.read("d/predicted.geojson")).at("type"), "FeatureCollection");
  for (const Json& step : json.at("steps")) EXPECT_NE(done.err.find("$ " + step.at("command").get<std::string>()), std::string::npos);

  const auto listed = bench.fair({"--json", "--workspace", "d/workspace", "list"});
  EXPECT_EQ(listed.status, 0) << listed.err;
  EXPECT_NE(listed.out.find("town-buildings-v1"), std::string::npos);
}

TEST(Demo, TouchesNobodysFolder) {
  const test::Bench bench;
  bench.write("mine/notes.txt", "keep");
  const auto refused = bench.fair({"demo", "--out", "mine", "--minutes", "0.01"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("mine"), std::string::npos);
  EXPECT_EQ(bench.read("mine/notes.txt"), "keep");
  EXPECT_FALSE(bench.exists("mine/chips"));
}

}  // namespace
