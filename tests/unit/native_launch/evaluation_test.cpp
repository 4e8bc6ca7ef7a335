#include "native/launch/evaluation.h"

#include <gtest/gtest.h>

#include "core/pipeline/inference_parameters.h"
#include "native/launch/pack_source.h"
#include "tests/unit/pipeline/stand_in.h"

namespace fair::launch {
namespace {

constexpr std::int32_t size = 128;

/// Chips of bright buildings on dark ground, one metre a pixel, side by side from column 0; what the mask says and what is bright may differ.
class Town final : public io::DatasetPack {
 public:
  struct Box {
    int x0, y0, x1, y1;
  };
  void add(int column, io::Part part, const std::vector<Box>& seen, const std::vector<Box>& labelled) {
    auto& pixels = pixels_.emplace_back(static_cast<std::size_t>(size * size * 3), std::uint8_t{20});
    auto& mask = pixels_.emplace_back(static_cast<std::size_t>(size * size), std::uint8_t{0});
    for (const Box& b : seen) {
      for (int y = b.y0; y < b.y1; ++y)
        std::fill(&pixels[static_cast<std::size_t>((y * size + b.x0) * 3)], &pixels[static_cast<std::size_t>((y * size + b.x1) * 3)], 230);
    }
    for (const Box& b : labelled) {
      for (int y = b.y0; y < b.y1; ++y) std::fill_n(&mask[static_cast<std::size_t>(y * size + b.x0)], b.x1 - b.x0, value_);
    }
    io::PackedChip chip;
    chip.name = "chip-" + std::to_string(column);
    chip.part = part;
    chip.width = chip.height = size;
    chip.pixels = pixels.data(), chip.mask = mask.data();
    chip.labels = {{"crs", "EPSG:3857"}, {"transform", {1000.0 + column * size, 1.0, 0.0, 2000.0, 0.0, -1.0}}};
    chips_.push_back(chip);
  }
  /// Masks hold these from now on.
  void call(const Json& classes, int labelled) { header_["classes"] = classes, value_ = labelled; }
  [[nodiscard]] const Json& header() const override { return header_; }
  [[nodiscard]] const std::vector<io::PackedChip>& chips() const override { return chips_; }

 private:
  Json header_;
  int value_ = 1;
  std::deque<std::vector<std::uint8_t>> pixels_;
  std::vector<io::PackedChip> chips_;
};

class Bright final : public infer::Runner {
 public:
  Result<std::vector<infer::Output>> run(const TensorView& input) override {
    auto out = std::make_shared<pipeline::stand_in::Tensor>(pipeline::stand_in::scores_of(input));
    return std::vector<infer::Output>{{out->view(), out}};
  }
};

struct Fixture {
  std::shared_ptr<Town> town = std::make_shared<Town>();
  Bright runner;
  EvaluationRequest request;

  Fixture() {
    request.pack = town;
    request.model = pipeline::stand_in::spec(64);
    request.plugin = std::make_shared<pipeline::stand_in::Plugin>(plugin::ResultKind::scores, 16);
    request.runner = &runner;
    request.options = *pipeline::inference_options(request.model, Json::object());
  }
};

TEST(Evaluation, CountsPixelsPolygonsAndThings) {
  Fixture f;
  // Seen exactly; seen 10 columns too narrow; invented; missed.
  f.town->add(0, io::Part::holdout, {{10, 10, 40, 40}, {60, 10, 90, 40}, {10, 80, 30, 100}}, {{10, 10, 40, 40}, {60, 10, 100, 40}, {70, 70, 90, 90}});
  f.town->add(1, io::Part::train, {{0, 0, 128, 128}}, {});  // of another part: must not count
  const auto result = evaluate(f.request);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->chips, 1);
  EXPECT_EQ(result->pixels.total(), size * size);
  EXPECT_EQ(result->pixels.count(1, 1), 900 + 900);
  EXPECT_EQ(result->pixels.count(1, 0), 300 + 400);
  EXPECT_EQ(result->pixels.count(0, 1), 400);
  EXPECT_NEAR(result->polygons.iou(1), 1800.0 / 2900.0, 0.01);
  EXPECT_EQ(result->things.matched(), 2);
  EXPECT_EQ(result->things.missed(), 1);
  EXPECT_EQ(result->things.invented(), 1);
  const Json json = result->to_json();
  EXPECT_TRUE(json.contains("fair:mean_iou"));
  EXPECT_TRUE(json.contains("fair:polygon_mean_iou"));
  EXPECT_TRUE(json.contains("fair:instance_f1"));
  EXPECT_NEAR(result->foreground_iou(), result->polygons.iou(1), 1e-12);
}

TEST(Evaluation, SeesBuildingsAcrossTheEdgesOfNeighbouringChips) {
  Fixture f;
  f.town->add(0, io::Part::val, {{100, 20, 128, 60}}, {{100, 20, 128, 60}});
  f.town->add(1, io::Part::val, {{0, 20, 30, 60}}, {{0, 20, 30, 60}});
  f.request.part = io::Part::val;
  const auto result = evaluate(f.request);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->features.size(), 1U) << "one building over two chips is one feature";
  EXPECT_EQ(result->things.matched(), 2) << "and it is right on both";
  EXPECT_DOUBLE_EQ(result->pixels.iou(1), 1.0);
}

TEST(Evaluation, LinesAndPointsAreMeasuredByTheirShapes) {
  for (const auto geometry : {stac::GeometryKind::line, stac::GeometryKind::point}) {
    Fixture f;
    f.request.model.geometry = f.request.options.vectorize.geometry = geometry;
    f.town->add(0, io::Part::holdout, {{10, 50, 120, 60}}, {{10, 50, 120, 60}});
    const auto result = evaluate(f.request);
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_DOUBLE_EQ(result->pixels.iou(1), 1.0);
    EXPECT_EQ(result->things.matched(), 1);
    ASSERT_FALSE(result->warnings.empty());
    EXPECT_NE(result->warnings.back().find(geometry == stac::GeometryKind::line ? "lines" : "points"), std::string::npos);
  }
}

TEST(Evaluation, MasksMayHoldOtherValuesForTheModelsClasses) {
  Fixture f;
  f.town->call(Json::parse(R"([{"name":"building","value":7},{"name":"background","value":0}])"), 7);
  f.town->add(0, io::Part::holdout, {{10, 10, 40, 40}}, {{10, 10, 40, 40}});
  const auto result = evaluate(f.request);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->pixels.count(1, 1), 900);
  EXPECT_EQ(result->pixels.total(), size * size);
}

TEST(Evaluation, IgnoresPixelsThatAreNotLabelled) {
  Fixture f;
  f.town->add(0, io::Part::holdout, {{10, 10, 40, 40}}, {});
  auto* mask = const_cast<std::uint8_t*>(f.town->chips().front().mask);
  std::fill_n(mask, size * size, std::uint8_t{255});
  const auto result = evaluate(f.request);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->pixels.total(), 0);
  EXPECT_EQ(result->things.invented(), 0);
}

TEST(Evaluation, SaysWhatIsMissing) {
  Fixture f;
  f.town->add(0, io::Part::train, {}, {});
  const auto empty = evaluate(f.request);
  ASSERT_FALSE(empty);
  EXPECT_NE(empty.error().message().find("holdout"), std::string::npos);
  EXPECT_EQ(part_from("test").error().code, Code::usage);
  io::PackedChip nowhere;
  nowhere.name = "c7";
  EXPECT_NE(place_of(nowhere).error().message().find("c7"), std::string::npos);
}

TEST(PackSource, ChipsOffTheGridAreSourcesOfTheirOwn) {
  Fixture f;
  f.town->add(0, io::Part::train, {}, {});
  f.town->add(3, io::Part::train, {}, {});
  f.town->add(5, io::Part::train, {}, {});
  const_cast<io::PackedChip&>(f.town->chips()[1]).labels["transform"][0] = 1000.5;
  const auto sources = sources_of(f.town, io::Part::train);
  ASSERT_TRUE(sources);
  ASSERT_EQ(sources->size(), 2U);
  const auto& grid = sources->front()->grid();
  EXPECT_EQ(grid.columns, 6);
  EXPECT_EQ(grid.rows, 1);
  EXPECT_EQ(std::count(grid.present.begin(), grid.present.end(), true), 2);
}

TEST(InferenceOptions, AreCheckedAndNamed) {
  const auto model = pipeline::stand_in::spec(64);
  const auto good = pipeline::inference_options(
      model, {{"confidence_threshold", 0.7}, {"tolerance", 1}, {"orthogonalize", false}, {"connectivity", 8}, {"of_the_plugin", 1}});
  ASSERT_TRUE(good);
  EXPECT_DOUBLE_EQ(good->confidence_threshold, 0.7);
  EXPECT_FALSE(good->vectorize.orthogonalize);
  EXPECT_EQ(good->vectorize.connectivity, vector::Connectivity::eight);
  EXPECT_EQ(good->vectorize.output_name, "segmentation");
  for (const Json& bad : {Json{{"confidence_threshold", 1.5}}, Json{{"confidence_threshold", "high"}}, Json{{"overlap", 0.5}},
                          Json{{"orthogonalize", 1}}, Json{{"connectivity", 6}}}) {
    const auto refused = pipeline::inference_options(model, bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, Code::usage);
    EXPECT_NE(refused.error().thing.find(bad.begin().key()), std::string::npos);
  }
}

}  // namespace
}  // namespace fair::launch
