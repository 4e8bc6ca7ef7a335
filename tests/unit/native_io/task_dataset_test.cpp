// Datasets for detection and classification.
#include <gtest/gtest.h>

#include "native/io/class_table.h"
#include "native/io/coco.h"
#include "native/io/dataset_pack.h"
#include "native/io/make_dataset.h"
#include "tests/unit/native_io/pictures.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::io {
namespace {

constexpr const char* now = "2026-01-01T00:00:00Z";

/// Four chips, and labels of several kinds.
class TaskDataset : public testing::Test {
 protected:
  void SetUp() override {
    test::write_chips(scratch_ / "chips");
    options_.chips = scratch_ / "chips";
    options_.id = "town";
    options_.out = scratch_ / "town";
    options_.split.val_ratio = 0.5;
  }

  /// A house of so many pixels, its upper left corner at pixel (x, y) of the first chip.
  static std::string house(double x, double y, double width, double height) {
    const auto p = [&](double a, double b) { return Json{85.0 + (x + a) * step, 27.0 - (y + b) * step}; };
    const Json ring{p(0, 0), p(0, height), p(width, height), p(width, 0), p(0, 0)};
    return Json{{"type", "Feature"}, {"properties", Json::object()}, {"geometry", {{"type", "Polygon"}, {"coordinates", Json::array({ring})}}}}
        .dump();
  }
  void footprints(const std::string& features) { labels("labels.geojson", R"({"type":"FeatureCollection","features":[)" + features + "]}"); }
  void labels(const std::string& name, const std::string& text) {
    options_.labels.path = scratch_ / name;
    test::spill(options_.labels.path, text);
  }
  Json chip(const MadeDataset& made, const std::string& name) {
    const auto pack = DatasetPack::open(made.pack);
    for (const PackedChip& one : (*pack)->chips()) {
      if (one.name != name) continue;
      EXPECT_EQ(one.mask, nullptr);
      return one.labels;
    }
    return {};
  }
  Json header(const MadeDataset& made) { return (*DatasetPack::open(made.pack))->header(); }
  void refused(const std::string& words) {
    const auto made = make_dataset(options_, now);
    ASSERT_FALSE(made) << "expected: " << words;
    EXPECT_NE(made.error().message().find(words), std::string::npos) << made.error().message();
    EXPECT_FALSE(made.error().hint.empty());
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "town"));
  }
  static Json coco() {
    Json out{{"images", Json::array()},
             {"annotations", Json::array()},
             {"categories", Json::array({{{"id", 7}, {"name", "tent"}}, {{"id", 3}, {"name", "house"}}})}};
    for (int i = 0; i < 4; ++i)
      out["images"].push_back({{"id", 10 + i}, {"file_name", "pictures/c" + std::to_string(i) + ".tif"}, {"width", 64}, {"height", 64}});
    out["annotations"].push_back({{"id", 1}, {"image_id", 10}, {"category_id", 7}, {"bbox", {10.5, 20, 8, 4}}});
    out["annotations"].push_back({{"id", 2}, {"image_id", 11}, {"category_id", 3}, {"bbox", {-5, 60, 20, 20}}});
    return out;
  }

  static constexpr double step = test::chip_step;
  test::Scratch scratch_;
  DatasetOptions options_;
};

TEST_F(TaskDataset, BoxesOfFootprintsAreCutAtTheirChip) {
  options_.labels.task = LabelTask::detection;
  footprints(house(10, 20, 30, 16) + "," + house(60, 30, 10, 10) + "," + house(127, 5, 10, 10));
  const auto made = make_dataset(options_, now);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->counts.boxes, 4);
  EXPECT_EQ(made->counts.slivers, 1) << "one pixel of the third house lies on the second chip";
  const Json first = chip(*made, "c0")["boxes"];
  ASSERT_EQ(first.size(), 2U);
  const std::vector<double> expected{10, 20, 40, 36, 0};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(first[0][i].get<double>(), expected[i], 0.011);
  EXPECT_NEAR(first[1][2].get<double>(), 64, 1e-9);
  EXPECT_TRUE(chip(*made, "c3")["boxes"].empty());
  EXPECT_EQ(header(*made)["task"], "object-detection");
  EXPECT_EQ(header(*made)["classes"], Json::parse(R"([{"name":"building","value":0}])"));
  EXPECT_EQ(made->document["properties"]["label:tasks"], Json::parse(R"(["detection"])"));
  EXPECT_EQ(made->document["properties"]["keywords"], Json::parse(R"(["building","object-detection","polygon"])"));
}

TEST_F(TaskDataset, CocoBoxesFindTheirChipByItsNameAndTheirClassByItsCategory) {
  options_.labels.task = LabelTask::detection;
  Json file = coco();
  file["images"].push_back({{"id", 99}, {"file_name", "elsewhere.tif"}});
  file["annotations"].push_back({{"id", 3}, {"image_id", 99}, {"category_id", 3}, {"bbox", {0, 0, 9, 9}}});
  labels("labels.json", file.dump());
  const auto made = make_dataset(options_, now);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(header(*made)["classes"], Json::parse(R"([{"name":"house","value":0},{"name":"tent","value":1}])")) << "in the order of ids";
  EXPECT_EQ(chip(*made, "c0")["boxes"], Json::parse("[[10.5,20.0,18.5,24.0,1]]"));
  EXPECT_EQ(chip(*made, "c1")["boxes"], Json::parse("[[0.0,60.0,15.0,64.0,0]]"));
  EXPECT_EQ(made->counts.boxes, 2);
  EXPECT_EQ(made->counts.outside, 1);
  EXPECT_EQ(made->document["properties"]["label:classes"][0]["classes"], Json::parse(R"(["house","tent"])"));
}

TEST_F(TaskDataset, BoxesOfAveragedChipsAreInTheirPixels) {
  options_.labels.task = LabelTask::detection;
  labels("labels.json", coco().dump());
  const auto fine = make_dataset(options_, now);
  ASSERT_TRUE(fine) << fine.error().message();
  options_.gsd = 2 * fine->gsd;
  const auto made = make_dataset(options_, now);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(chip(*made, "c0")["boxes"], Json::parse("[[5.25,10.0,9.25,12.0,1]]"));
  EXPECT_EQ(chip(*made, "c1")["boxes"], Json::parse("[[0.0,30.0,7.5,32.0,0]]"));
}

TEST_F(TaskDataset, WrongCocoEntriesAreNamed) {
  options_.labels.task = LabelTask::detection;
  const auto wrong = [this](const std::function<void(Json&)>& change, const std::string& words) {
    Json file = coco();
    change(file);
    labels("labels.json", file.dump());
    refused(words);
  };
  wrong([](Json& f) { f["annotations"][1]["bbox"] = {1, 2, 3}; }, "annotation 2");
  wrong([](Json& f) { f["annotations"][1]["bbox"] = {1, 2, -3, 4}; }, "annotation 2");
  wrong([](Json& f) { f["annotations"][0]["category_id"] = 4; }, "annotation 1");
  wrong([](Json& f) { f["annotations"][0]["image_id"] = 77; }, "annotation 1");
  wrong([](Json& f) { f["images"][2]["width"] = 100; }, "image c2");
  wrong([](Json& f) { f["images"].erase(3); }, "an image c3 for every chip");
  wrong([](Json& f) { f["images"][1].erase("id"); }, "#/images/1");
  wrong([](Json& f) { f["categories"][1]["id"] = 7; }, "#/categories/1");
  wrong([](Json& f) { f["annotations"] = Json::array(); }, "boxes on the chips");
}

TEST_F(TaskDataset, ClassesOfATable) {
  options_.labels.task = LabelTask::classification;
  labels("labels.csv",
         "\xEF\xBB\xBFNotes;Label;Image\r\n\"a; "
         "\"\"b\"\"\nc\";no_building;c0.tif\r\n;building;x/c1.tif\r\n\r\n;no_building;c2\r\n;building;c3.png\r\n;building;c9\r\n");
  const auto made = make_dataset(options_, now);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(chip(*made, "c0")["class"], 0);
  EXPECT_EQ(chip(*made, "c1")["class"], 1);
  EXPECT_EQ(made->counts.outside, 1);
  EXPECT_EQ(header(*made)["task"], "classification");
  EXPECT_EQ(header(*made)["classes"], Json::parse(R"([{"name":"no_building","value":0},{"name":"building","value":1}])"));
  EXPECT_EQ(made->document["assets"]["labels"]["type"], "text/csv");
}

TEST_F(TaskDataset, TablesThatCannotTeachAreRefusedWithTheirLine) {
  options_.labels.task = LabelTask::classification;
  labels("labels.csv", "filename,class_name\nc0.tif,building\nc1.tif,building\nc2.tif,building\nc3.tif,building\n");
  refused("a single class: all 4 chips are building");
  labels("labels.csv", "filename,class_name\nc0.tif,building\nc1.tif\n");
  refused("line 3");
  labels("labels.csv", "filename,class_name\nc0.tif,building\nc0.tif,road\n");
  refused("building on line 2 and road here");
  labels("labels.csv", "a,b\nc0.tif,building\n");
  refused("line 1");
  labels("labels.csv", "filename,class_name\nc0.tif,\"building\n");
  refused("a closing quote");
  labels("labels.csv", "filename,class_name\nc0.tif,building\n");
  refused("a row c1 for every chip");
  labels("labels.csv", "");
  refused("an empty file");
}

TEST_F(TaskDataset, AChipShowsTheClassWhenEnoughOfItIsCovered) {
  options_.labels.task = LabelTask::classification;
  footprints(house(4, 4, 40, 40) + "," + house(70, 10, 8, 8));  // 39 % of the first chip, 1.6 % of the second
  auto made = make_dataset(options_, now);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(chip(*made, "c0")["class"], 1);
  EXPECT_EQ(chip(*made, "c1")["class"], 0);
  EXPECT_EQ(made->warnings.size(), 1U) << "one half of the chips has no building";
  options_.labels.min_cover = 0.01;
  made = make_dataset(options_, now);
  ASSERT_TRUE(made);
  EXPECT_EQ(chip(*made, "c1")["class"], 1);
  EXPECT_EQ(made->document["properties"]["fair:min_cover"], 0.01) << "the item says it: the labels can be made anew";
  options_.labels.min_cover = 0.5;
  std::filesystem::remove_all(scratch_ / "town");
  refused("--min-cover");
}

TEST(ClassTable, MoreThanTwoClassesAreKept) {
  const auto table = parse_class_table("path\tcategory\na/b.jpg\troad\nc\twater\nd.tif\tno_road", "t.csv");
  ASSERT_TRUE(table) << table.error().message();
  EXPECT_EQ(table->size(), 3U);
  EXPECT_EQ(table->at("b").class_name, "road");
  EXPECT_EQ(table->at("d").line, 4);
}

TEST(Coco, OtherJsonIsNone) {
  EXPECT_FALSE(is_coco(R"({"type":"FeatureCollection","features":[]})"));
  EXPECT_FALSE(is_coco("["));
  EXPECT_TRUE(is_coco(R"({"images":[],"annotations":[],"categories":[]})"));
  EXPECT_FALSE(parse_coco("[]", "labels.json"));
}

}  // namespace
}  // namespace fair::io
