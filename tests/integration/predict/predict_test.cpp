// fair predict as a person runs it, with the small base model: its weights are random, so the features mean nothing, but they come.
#include <gtest/gtest.h>

#include "tests/integration/cli/command.h"
#include "tests/unit/native_io/pictures.h"

namespace fair::test {
namespace {

const char* const model = "unet-segmentation-small";

class Predict : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(bench_.fair({"init"}).status, 0);
    std::filesystem::create_directories(bench_.folder / "chips");
    for (int i = 0; i < 2; ++i) {
      Picture chip;
      chip.width = chip.height = 256;
      chip.value = [i](int x, int y, int b) { return ((x + 256 * i) / 16 * 37 + y / 16 * 11 + 70 * b) % 256; };
      test::write(bench_.folder / ("chips/OAM-" + std::to_string(386697 + i) + "-220243-19.png"), chip, "PNG");
    }
  }
  void refused(const std::vector<std::string>& arguments, const std::string& word, int status = 1) {
    const Outcome outcome = bench_.fair(arguments);
    EXPECT_EQ(outcome.status, status) << outcome.err;
    EXPECT_NE(outcome.err.find(word), std::string::npos) << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(bench_.folder / "f.geojson"));
    for (const auto& entry : std::filesystem::directory_iterator(bench_.folder))
      EXPECT_NE(entry.path().filename().string().substr(0, 2), ".f") << "left behind: " << entry.path();
  }
  Bench bench_;
};

TEST_F(Predict, WritesFeaturesKeepsItsConfigAndRepeatsIt) {
  const Outcome outcome =
      bench_.fair({"predict", "--model", model, "--images", "chips", "--set", "confidence_threshold=0.5", "--out", "f.geojson", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const Json told = outcome.json();
  EXPECT_EQ(told["blocks"], 2);
  EXPECT_GT(told["timing_ms"]["run"].get<double>(), 0);
  const Json features = Json::parse(bench_.read("f.geojson"), nullptr, false);
  ASSERT_EQ(features.value("type", ""), "FeatureCollection");
  EXPECT_EQ(features["features"].size(), told["features"].get<std::size_t>());
  for (const Json& feature : features["features"]) {
    EXPECT_TRUE(feature["id"].is_string());
    for (const char* key : {"class", "class_value", "confidence", "area_m2"}) EXPECT_TRUE(feature["properties"].contains(key)) << key;
  }
  const Outcome shown = bench_.fair({"runs", "show", told["run"].get<std::string>(), "--config"});
  ASSERT_EQ(shown.status, 0) << shown.err;
  bench_.write("again.yaml", shown.out);
  const Outcome again = bench_.fair({"predict", "--config", "again.yaml", "--out", "again.geojson"});
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(bench_.read("again.geojson"), bench_.read("f.geojson"));
  const Outcome piped = bench_.fair({"predict", "--config", "again.yaml", "--out", "-"});
  ASSERT_EQ(piped.status, 0) << piped.err;
  EXPECT_EQ(piped.out, bench_.read("f.geojson"));
}

TEST_F(Predict, WhatCannotWorkIsRefusedAndLeavesNothing) {
  refused({"predict", "--model", model, "--images", "absent", "--out", "f.geojson"}, "absent");
  refused({"predict", "--model", model, "--images", "chips", "--out", "nowhere/f.geojson"}, "nowhere");
  refused({"predict", "--model", model, "--images", "chips", "--out", "f.shp"}, ".gpkg", 2);
  refused({"predict", "--model", "no-such-model", "--images", "chips", "--out", "f.geojson"}, "no-such-model");
  refused({"predict", "--model", model, "--images", "chips", "--set", "confidence_threshold=7", "--out", "f.geojson"}, "confidence_threshold", 2);
  refused({"predict", "--model", model, "--images", "chips", "--bbox", "1,2,3,4", "--zoom", "19", "--out", "f.geojson"}, "--bbox", 2);
  bench_.write("cut.onnx", "\x08\x08junk");
  refused({"predict", "--model", "cut.onnx", "--images", "chips", "--out", "f.geojson"}, "cut.onnx");
  bench_.write("chips/bad-386699-220243-19.png", "\x89PNG\r\n\x1a\nno more");
  refused({"predict", "--model", model, "--images", "chips", "--out", "f.geojson"}, "bad-386699-220243-19.png");
}

TEST_F(Predict, TilesWantAnArea) {
  if (bench_.fair({"--version"}).out.find("curl") == std::string::npos) GTEST_SKIP() << "a build without libcurl";
  refused({"predict", "--model", model, "--images", "http://127.0.0.1:1/{z}/{x}/{y}.png", "--out", "f.geojson"}, "--bbox", 2);
  refused({"predict", "--model", model, "--images", "http://127.0.0.1:1/{z}/{x}.png", "--bbox", "85,27,85.001,27.001", "--zoom", "19", "--out",
           "f.geojson"},
          "{y}", 2);
  refused(
      {"predict", "--model", model, "--images", "http://127.0.0.1:1/{z}/{x}/{y}.png", "--bbox", "80,20,85,27", "--zoom", "19", "--out", "f.geojson"},
      "--max-tiles", 2);
}

}  // namespace
}  // namespace fair::test
