#include "native/io/feature_file.h"

#include <gtest/gtest.h>
#include <ogrsf_frmts.h>
#include <sys/resource.h>

#include <csignal>

#include "core/base/json.h"
#include "native/io/gdal_session.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::io {
namespace {

const char* const names[] = {"f.geojson", "f.fgb", "f.gpkg"};

std::vector<vector::Feature> houses(int count) {
  std::vector<vector::Feature> out;
  for (int i = 0; i < count; ++i) {
    vector::Feature house;
    house.id = "building-" + std::to_string(i);
    house.class_name = "building";
    house.class_value = 1;
    house.confidence = 0.75;
    house.area_m2 = 100.5;
    const double x = 85 + i * 0.001, y = 27;
    house.polygons = {{{{x, y}, {x + 0.0005, y}, {x + 0.0005, y + 0.0005}, {x, y + 0.0005}},
                       {{x + 0.0001, y + 0.0001}, {x + 0.0001, y + 0.0002}, {x + 0.0002, y + 0.0002}}}};
    out.push_back(std::move(house));
  }
  return out;
}

/// While it lives no file may grow beyond `bytes`, as on a full disk.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = SIG_DFL;
};

TEST(FeatureFile, EveryFormatHoldsTheSameFeatures) {
  const test::Scratch scratch;
  for (const char* name : names) {
    auto sink = open_feature_file(scratch / name, "segmentation", "town");
    ASSERT_TRUE(sink) << sink.error().message();
    ASSERT_TRUE((*sink)->write(houses(3)));
    EXPECT_FALSE(std::filesystem::exists(scratch / name)) << "visible before it is whole";
    ASSERT_TRUE((*sink)->finish());
    const auto data = open_vector(scratch / name);
    ASSERT_TRUE(data) << data.error().message();
    OGRLayer* layer = (*data)->GetLayer(0);
    EXPECT_EQ(layer->GetFeatureCount(), 3) << name;
    for (const auto& feature : *layer) {
      EXPECT_STREQ(feature->GetFieldAsString("segmentation"), "building") << name;
      EXPECT_STREQ(feature->GetFieldAsString("class"), "building") << name;
      EXPECT_DOUBLE_EQ(feature->GetFieldAsDouble("area_m2"), 100.5) << name;
      const OGRPolygon* polygon = feature->GetGeometryRef()->toPolygon();
      EXPECT_EQ(polygon->getNumInteriorRings(), 1) << name;
      EXPECT_EQ(polygon->getExteriorRing()->getNumPoints(), 5) << name;
    }
  }
  EXPECT_EQ(scratch.files(), 3U);
}

TEST(FeatureFile, LinesKeepTheirMeasuresAndMayStandBesidePolygons) {
  const test::Scratch scratch;
  for (const char* name : names) {
    vector::Feature road;
    road.id = "road-1";
    road.class_name = "road";
    road.class_value = 2;
    road.type = vector::GeometryType::line_string;
    road.points = {{85, 27}, {85.001, 27.0005}, {85.002, 27}};
    road.extra = {{"length_m", 220.25}, {"width_m", 6.5}};
    std::vector<vector::Feature> features{road};
    for (vector::Feature& house : houses(1)) features.push_back(std::move(house));
    auto sink = open_feature_file(scratch / name, "segmentation", "town");
    ASSERT_TRUE(sink) << sink.error().message();
    ASSERT_TRUE((*sink)->write(std::move(features)));
    ASSERT_TRUE((*sink)->finish()) << name;
    const auto data = open_vector(scratch / name);
    ASSERT_TRUE(data) << data.error().message();
    int lines = 0, polygons = 0;
    for (const auto& feature : *(*data)->GetLayer(0)) {
      const OGRwkbGeometryType type = wkbFlatten(feature->GetGeometryRef()->getGeometryType());
      if (type == wkbPolygon) ++polygons;
      if (type != wkbLineString) continue;
      ++lines;
      EXPECT_EQ(feature->GetGeometryRef()->toLineString()->getNumPoints(), 3) << name;
      EXPECT_DOUBLE_EQ(feature->GetFieldAsDouble("length_m"), 220.25) << name;
      EXPECT_DOUBLE_EQ(feature->GetFieldAsDouble("width_m"), 6.5) << name;
    }
    EXPECT_EQ(lines, 1) << name;
    EXPECT_EQ(polygons, 1) << name;
  }
}

TEST(FeatureFile, NoFeaturesIsStillAFile) {
  const test::Scratch scratch;
  for (const char* name : names) {
    auto sink = open_feature_file(scratch / name, "segmentation", "town");
    ASSERT_TRUE(sink);
    const auto done = (*sink)->finish();
    ASSERT_TRUE(done) << name << done.error().message();
    EXPECT_TRUE(std::filesystem::exists(scratch / name));
  }
  EXPECT_EQ(Json::parse(test::slurp(scratch / "f.geojson"))["features"].size(), 0U);
}

TEST(FeatureFile, UnfinishedLeavesNothingAndKeepsWhatWasThere) {
  const test::Scratch scratch;
  for (const char* name : names) {
    test::spill(scratch / name, "old");
    {
      auto sink = open_feature_file(scratch / name, "segmentation", "town");
      ASSERT_TRUE(sink);
      ASSERT_TRUE((*sink)->write(houses(100)));
    }
    EXPECT_EQ(test::slurp(scratch / name), "old") << name;
  }
  EXPECT_EQ(scratch.files(), 3U);
}

TEST(FeatureFile, AFullDiskIsAnErrorAndLeavesNothing) {
  for (const char* name : names) {
    const test::Scratch scratch;
    {
      const SmallDisk disk(16'384);
      auto sink = open_feature_file(scratch / name, "segmentation", "town");
      Result<> done = sink ? (*sink)->write(houses(5000)) : tl::unexpected(sink.error());
      if (done) done = (*sink)->finish();
      ASSERT_FALSE(done) << name;
      EXPECT_EQ(done.error().code, Code::io);
      EXPECT_NE(done.error().message().find(name), std::string::npos) << done.error().message();
    }
    EXPECT_EQ(scratch.files(), 0U) << name;
  }
}

TEST(FeatureFile, FoldersAndEndingsAreChecked) {
  const test::Scratch scratch;
  for (const char* name : names) {
    const auto sink = open_feature_file(scratch / "absent" / name, "segmentation", "town");
    ASSERT_FALSE(sink);
    EXPECT_NE(sink.error().message().find("absent"), std::string::npos);
  }
  const auto sink = open_feature_file(scratch / "f.shp", "segmentation", "town");
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().code, Code::usage);
  EXPECT_EQ(scratch.files(), 0U);
}

}  // namespace
}  // namespace fair::io
