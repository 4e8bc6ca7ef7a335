#include <gtest/gtest.h>

#include <deque>

#include "native/launch/evaluation.h"
#include "native/launch/label_check.h"
#include "tests/unit/pipeline/stand_in.h"

namespace fair::launch {
namespace {

constexpr std::int32_t side = 64;

/// Chips of one grey, side by side, with a class each.
class Town final : public io::DatasetPack {
 public:
  void add(std::uint8_t grey, int cls, io::Part part = io::Part::val) {
    auto& pixels = pixels_.emplace_back(static_cast<std::size_t>(side * side * 3), grey);
    io::PackedChip chip;
    chip.name = "chip-" + std::to_string(chips_.size());
    chip.part = part;
    chip.width = chip.height = side;
    chip.pixels = pixels.data();
    chip.labels = {
        {"crs", "EPSG:3857"}, {"transform", {1000.0 + static_cast<double>(chips_.size()) * side, 1.0, 0.0, 2000.0, 0.0, -1.0}}, {"class", cls}};
    chips_.push_back(chip);
  }
  [[nodiscard]] const Json& header() const override { return header_; }
  [[nodiscard]] const std::vector<io::PackedChip>& chips() const override { return chips_; }
  /// In other numbers than the model's: names decide.
  Json header_ = Json::parse(R"({"task":"classification","classes":[{"name":"building","value":4},{"name":"background","value":9}]})");

 private:
  std::deque<std::vector<std::uint8_t>> pixels_;
  std::vector<io::PackedChip> chips_;
};

/// The brightness of a chip's middle is its probability.
class Brightness final : public infer::Runner {
 public:
  Result<std::vector<infer::Output>> run(const TensorView& input) override {
    auto out = std::make_shared<pipeline::stand_in::Tensor>();
    const std::int64_t size = input.shape[1] * input.shape[2] * input.shape[3];
    out->shape = {input.shape[0], 1};
    for (std::int64_t i = 0; i < input.shape[0]; ++i) out->data.push_back(input.as<const float>()[i * size + input.shape[2] * input.shape[3] / 2]);
    batches.push_back(input.shape[0]);
    return std::vector<infer::Output>{{out->view(), out}};
  }
  std::vector<std::int64_t> batches;
};

struct Fixture {
  std::shared_ptr<Town> town = std::make_shared<Town>();
  Brightness runner;
  EvaluationRequest request;

  Fixture() {
    request.pack = town;
    request.part = io::Part::val;
    request.model = pipeline::stand_in::spec(32);
    request.model.task = stac::Task::classification;
    request.plugin = std::make_shared<pipeline::stand_in::Plugin>(plugin::ResultKind::label, 0);
    request.runner = &runner;
    request.options.batch_size = 2;
  }
};

TEST(LabelEvaluation, CountsChipsByTrueAndPredictedClass) {
  Fixture f;
  f.town->add(230, 4), f.town->add(230, 4), f.town->add(20, 4), f.town->add(230, 9), f.town->add(20, 9);
  f.town->add(230, 9, io::Part::train);  // of another part: must not count
  const auto result = evaluate(f.request);
  ASSERT_TRUE(result) << result.error().message();
  ASSERT_TRUE(result->labels);
  EXPECT_EQ(result->chips, 5);
  EXPECT_EQ(f.runner.batches, (std::vector<std::int64_t>{2, 2, 1}));
  EXPECT_EQ(result->to_json()["fair:confusion"], Json::parse("[[1,1],[1,2]]"));
  EXPECT_DOUBLE_EQ(result->to_json()["fair:f1"].get<double>(), 2.0 / 3);
  ASSERT_EQ(result->features.size(), 5U);
  EXPECT_EQ(result->features[0].class_name, "building");
  EXPECT_NEAR(result->features[0].confidence, 230 / 255.0, 1e-6);
}

TEST(LabelEvaluation, FollowsTheThreshold) {
  Fixture f;
  f.town->add(150, 4), f.town->add(20, 9);
  f.request.options.confidence_threshold = 0.7;
  const auto result = evaluate(f.request);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->to_json()["fair:confusion"], Json::parse("[[1,0],[1,0]]"));
}

TEST(LabelEvaluation, SaysWhatIsMissing) {
  Fixture f;
  EXPECT_FALSE(evaluate(f.request)) << "a part without chips";
  f.town->add(150, 7);
  const auto unknown = evaluate(f.request);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message().find("chip-0"), std::string::npos) << unknown.error().message();
}

TEST(Labels, AreCheckedByTask) {
  Fixture f;
  f.town->add(150, 4);
  EXPECT_TRUE(labels_fit(*f.town, f.request.model));
  stac::ModelSpec other = f.request.model;
  other.task = stac::Task::object_detection;
  const auto detector = labels_fit(*f.town, other);
  ASSERT_FALSE(detector);
  EXPECT_NE(detector.error().message().find("--task detection"), std::string::npos) << detector.error().message();
  other.task = stac::Task::semantic_segmentation;
  EXPECT_FALSE(labels_fit(*f.town, other));
  f.town->add(150, 5);
  const auto unknown = labels_fit(*f.town, f.request.model);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message().find("value 5"), std::string::npos) << unknown.error().message();
}

}  // namespace
}  // namespace fair::launch
