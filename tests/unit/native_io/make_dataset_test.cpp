#include "native/io/make_dataset.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <cmath>
#include <csignal>

#include "native/io/dataset_pack.h"
#include "tests/unit/native_io/pictures.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::io {
namespace {

constexpr const char* now = "2026-01-01T00:00:00Z";

/// Four chips, and one house in the first.
class MakeDataset : public testing::Test {
 protected:
  void SetUp() override {
    test::write_chips(scratch_ / "chips");
    options_.chips = scratch_ / "chips";
    options_.labels.path = scratch_ / "labels.geojson";
    options_.id = "town";
    options_.out = scratch_ / "town";
    labels(house(85.0 + 16 * step, 27.0 - 48 * step, 32 * step));
  }

  static std::string house(double x, double y, double side, const Json& properties = Json::object()) {
    const auto p = [](double a, double b) { return Json{a, b}; };
    const Json ring{p(x, y), p(x + side, y), p(x + side, y + side), p(x, y + side), p(x, y)};
    return Json{{"type", "Feature"}, {"properties", properties}, {"geometry", {{"type", "Polygon"}, {"coordinates", Json::array({ring})}}}}.dump();
  }
  void labels(const std::string& features, const std::string& crs = {}) {
    test::spill(options_.labels.path, R"({"type":"FeatureCollection",)" + crs + R"("features":[)" + features + "]}");
  }
  /// Pixels of the house over all chips.
  std::int64_t labelled(const MadeDataset& made, int value = 1) {
    const auto pack = DatasetPack::open(made.pack);
    std::int64_t count = 0;
    for (const PackedChip& chip : (*pack)->chips()) {
      for (int i = 0; i < chip.width * chip.height; ++i) count += chip.mask[i] == value ? 1 : 0;
    }
    return count;
  }
  void refused(const std::string& word) {
    const auto made = make_dataset(options_, now);
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message().find(word), std::string::npos) << made.error().message();
    EXPECT_FALSE(made.error().hint.empty());
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "town"));
  }

  static constexpr double step = test::chip_step;
  test::Scratch scratch_;
  DatasetOptions options_;
};

TEST_F(MakeDataset, AveragesFinerChipsToTheGroundResolutionAskedFor) {
  const auto fine = make_dataset(options_, now);
  ASSERT_TRUE(fine) << fine.error().message();
  const std::int64_t pixels = labelled(*fine);
  const auto fine_pack = DatasetPack::open(fine->pack);
  options_.out = scratch_ / "coarse";
  options_.gsd = 2 * fine->gsd;
  const auto made = make_dataset(options_, now);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_NEAR(made->gsd, 2 * fine->gsd, 0.02 * fine->gsd);
  EXPECT_EQ(labelled(*made), pixels / 4);
  EXPECT_DOUBLE_EQ(made->document["properties"]["fair:resampled_gsd"].get<double>(), options_.gsd);
  EXPECT_EQ(made->document["bbox"], fine->document["bbox"]);
  const auto pack = DatasetPack::open(made->pack);
  for (std::size_t c = 0; c < (*pack)->chips().size(); ++c) {
    const PackedChip &coarse = (*pack)->chips()[c], &whole = (*fine_pack)->chips()[c];
    ASSERT_EQ(coarse.width, whole.width / 2);
    const auto at = [](const PackedChip& chip, int x, int y) { return int{chip.pixels[(y * chip.width + x) * chip.channels]}; };
    const int sum = at(whole, 10, 20) + at(whole, 11, 20) + at(whole, 10, 21) + at(whole, 11, 21);
    EXPECT_NEAR(at(coarse, 5, 10), sum / 4.0, 1);
  }
  // Chips that are that coarse already stay as they are.
  options_.out = scratch_ / "same";
  options_.gsd = fine->gsd / 2;
  const auto same = make_dataset(options_, now);
  ASSERT_TRUE(same) << same.error().message();
  EXPECT_EQ(same->gsd, fine->gsd);
  EXPECT_EQ(labelled(*same), pixels);
}

TEST_F(MakeDataset, BurnsFootprintsAndCountsThoseOutside) {
  labels(house(85.0 + 16 * step, 27.0 - 48 * step, 32 * step) + "," + house(86, 27, 1e-4));
  const auto made = make_dataset(options_, now);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->counts.footprints, 2);
  EXPECT_EQ(made->counts.outside, 1);
  EXPECT_EQ(made->train + made->val, 4);
  EXPECT_EQ(labelled(*made), 32 * 32);
}

TEST_F(MakeDataset, HousesThatTouchAreToldApart) {
  const double x = 85.0 + 8 * step, y = 27.0 - 40 * step, side = 16 * step;
  labels(house(x, y, side) + "," + house(x + side, y, side) + "," + house(x + 3 * side, y, side / 2));
  const auto made = make_dataset(options_, now);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->counts.touching, 2);
  const auto pack = DatasetPack::open(made->pack);
  ASSERT_TRUE(pack);
  EXPECT_EQ((*pack)->header()["touching"], 2);
  const PackedChip& chip = (*pack)->chips().front();
  ASSERT_NE(chip.things, nullptr);
  std::array<std::int64_t, 4> count{};
  for (int i = 0; i < chip.width * chip.height; ++i) {
    ASSERT_LE(chip.things[i], 3);
    ++count[chip.things[i]];
    EXPECT_EQ(chip.mask[i] != 0, chip.things[i] != 0);
  }
  EXPECT_EQ(count[1], 16 * 16);
  EXPECT_EQ(count[2], 16 * 16);
  EXPECT_EQ(count[3], 8 * 8);
  options_.geometry = "line";
  const auto lines = make_dataset(options_, now);
  ASSERT_TRUE(lines) << lines.error().message();
  EXPECT_EQ(lines->counts.touching, 0) << "crossing roads are one network";
}

TEST_F(MakeDataset, FootprintsAcrossAnEdgeAreClipped) {
  labels(house(85.0 + 48 * step, 27.0 - 48 * step, 32 * step) + "," + house(85.0 + 240 * step, 27.0 - 20 * step, 32 * step));
  const auto made = make_dataset(options_, now);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->counts.outside, 0);
  EXPECT_EQ(labelled(*made), 32 * 32 + 16 * 20);
}

TEST_F(MakeDataset, LabelsInAnotherProjectionAreReprojected) {
  constexpr double pi = 3.14159265358979323846, metres = 6378137 * pi / 180;
  const double west = (85.0 + 16 * step) * metres;
  const double north = 6378137 * std::log(std::tan(pi / 4 + 27.0 * pi / 360));
  labels(house(west, north - 40 * step * metres, 20 * step * metres), R"("crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}},)");
  const auto made = make_dataset(options_, now);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->counts.outside, 0);
  EXPECT_GT(labelled(*made), 300);
}

TEST_F(MakeDataset, MetresWithoutAProjectionAreNamed) {
  labels(house(9462156.0, 3123471.0, 10));
  refused("projection");
}

TEST_F(MakeDataset, LabelsThatCannotTeachAreRefused) {
  labels("");
  refused("no features");
  labels(house(10, 10, 1e-4));
  refused("none on any chip");
  test::spill(options_.labels.path, "{");
  refused("labels.geojson");
  options_.labels.path = scratch_ / "absent.geojson";
  refused("absent.geojson");
}

TEST_F(MakeDataset, OneChipIsTooFew) {
  for (int i = 1; i < 4; ++i) std::filesystem::remove(scratch_ / ("chips/c" + std::to_string(i) + ".tif"));
  refused("at least two chips");
}

TEST_F(MakeDataset, MasksNamedAsTheChips) {
  options_.labels.path = scratch_ / "masks";
  std::filesystem::create_directories(options_.labels.path);
  const auto draw = [&](int value, int count = 4) {
    for (int i = 0; i < count; ++i) {
      test::Picture mask;
      mask.bands = 1;
      mask.value = [&](int x, int y, int) { return i == 0 && x < 10 && y < 10 ? value : 0; };
      test::write(options_.labels.path / ("c" + std::to_string(i) + ".png"), mask, "PNG");
    }
  };
  draw(1, 3);
  refused("c3");
  draw(7);
  refused("values 0 and 1");
  draw(0);
  refused("zeros alone");
  draw(1);
  auto made = make_dataset(options_, now);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->counts.masks, 4);
  EXPECT_EQ(labelled(*made), 100);
  EXPECT_EQ(made->document["properties"]["label:type"], "raster");
  draw(255);
  made = make_dataset(options_, now);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(labelled(*made), 100) << "white means the class where no mask has a 1";
  test::Picture small;
  small.width = 32, small.bands = 1;
  test::write(options_.labels.path / "c2.png", small, "PNG");
  std::filesystem::remove_all(scratch_ / "town");
  refused("64 x 64");
}

TEST_F(MakeDataset, FootprintsOfSeveralClassesByTheirAttribute) {
  const auto at = [](const char* kind, int column, int side) {
    return house(85.0 + column * step, 27.0 - 48 * step, side * step, kind == nullptr ? Json::object() : Json{{"kind", kind}});
  };
  options_.labels.class_name = "landuse";
  options_.labels.classes = {{"other", 0}, {"water", 1}, {"tree", 5}};
  options_.geometry = "point";
  // The tree stands in the water, and beside it another: they touch, water and tree do not.
  labels(at("water", 8, 32) + "," + at("tree", 8, 10) + "," + at("tree", 18, 10));
  refused("which of 3 classes");
  options_.labels.class_attribute = "sort";
  refused("found kind");
  options_.labels.class_attribute = "kind";
  const auto made = make_dataset(options_, now);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(labelled(*made, 5), 200);
  EXPECT_EQ(labelled(*made, 1), 32 * 32 - 200);
  EXPECT_EQ(labelled(*made, 0), 4 * 64 * 64 - 32 * 32);
  EXPECT_EQ(made->counts.touching, 2);
  const Json& properties = made->document["properties"];
  EXPECT_EQ(properties["label:classes"], Json::parse(R"([{"name":"kind","classes":["other","water","tree"]}])"));
  EXPECT_EQ(properties["label:properties"], Json::parse(R"(["kind"])"));
  EXPECT_EQ(properties["keywords"], Json::parse(R"(["landuse","semantic-segmentation","point"])"));
  EXPECT_EQ(label_classes_from(properties[classes_property]).back().value, 5);
  const auto pack = DatasetPack::open(made->pack);
  EXPECT_EQ((*pack)->header()["classes"], properties[classes_property]);
  std::filesystem::remove_all(scratch_ / "town");
  labels(at("water", 8, 32) + "," + at("swamp", 8, 10) + "," + at(nullptr, 18, 10));
  refused("found nothing (1), swamp (1)");
}

TEST_F(MakeDataset, OfTwoClassesEveryFootprintIsTheSecond) {
  options_.labels.classes = {{"ground", 3}, {"house", 4}};
  const auto made = make_dataset(options_, now);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(labelled(*made, 4), 32 * 32);
  EXPECT_EQ(labelled(*made, 3), 4 * 64 * 64 - 32 * 32);
}

TEST_F(MakeDataset, MasksOfSeveralClassesByTheirValues) {
  options_.labels.path = scratch_ / "masks";
  options_.labels.classes = {{"other", 0}, {"water", 1}, {"tree", 7}};
  std::filesystem::create_directories(options_.labels.path);
  const auto draw = [&](int value) {
    for (int i = 0; i < 4; ++i) {
      test::Picture mask;
      mask.bands = 1;
      mask.value = [&](int x, int y, int) { return x < 10 && y < 10 ? value : x > 60 ? 255 : 0; };
      test::write(options_.labels.path / ("c" + std::to_string(i) + ".png"), mask, "PNG");
    }
  };
  draw(2);
  refused("values 0 other, 1 water, 7 tree, 255 for unknown");
  draw(0);
  refused("none of the classes but other");
  draw(7);
  const auto made = make_dataset(options_, now);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(labelled(*made, 7), 400);
  EXPECT_EQ(labelled(*made, 255), 4 * 3 * 64) << "unknown stays unknown";
  EXPECT_TRUE(made->document["properties"]["label:classes"][0]["name"].is_null());
  ASSERT_EQ(made->warnings.size(), 2U);
  EXPECT_NE(made->warnings[0].find("no water"), std::string::npos) << made->warnings[0];
}

TEST_F(MakeDataset, OtherTasksNameTheirClassesThemselves) {
  options_.labels.classes = {{"other", 0}, {"water", 1}};
  options_.labels.task = LabelTask::detection;
  refused("--classes");
}

TEST_F(MakeDataset, AFullDiskLeavesNothing) {
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  auto* handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const auto made = make_dataset(options_, now);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::io);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "town"));
}

}  // namespace
}  // namespace fair::io
