#include <gtest/gtest.h>

#include <deque>

#include "native/launch/evaluation.h"
#include "tests/unit/pipeline/stand_in.h"

namespace fair::launch {
namespace {

constexpr std::int32_t side = 64;

/// Dark chips side by side, with bright things of 16 x 16 pixels and the boxes that their labels say.
class Town final : public io::DatasetPack {
 public:
  void add(const std::vector<std::array<int, 2>>& things, const Json& boxes, io::Part part = io::Part::val) {
    auto& pixels = pixels_.emplace_back(static_cast<std::size_t>(side * side * 3), std::uint8_t{0});
    for (const auto& [x, y] : things) {
      for (int row = y; row < y + 16; ++row) std::fill_n(pixels.begin() + (row * side + x) * 3, 16 * 3, std::uint8_t{255});
    }
    io::PackedChip chip;
    chip.name = "chip-" + std::to_string(chips_.size());
    chip.part = part;
    chip.width = chip.height = side;
    chip.pixels = pixels.data();
    chip.labels = {{"crs", "EPSG:3857"}, {"transform", {1000.0 + static_cast<double>(chips_.size()) * side, 1.0, 0.0, 2000.0, 0.0, -1.0}}};
    if (!boxes.is_null()) chip.labels["boxes"] = boxes;
    chips_.push_back(chip);
  }
  [[nodiscard]] const Json& header() const override { return header_; }
  [[nodiscard]] const std::vector<io::PackedChip>& chips() const override { return chips_; }
  /// In another number than the model's: names decide.
  Json header_ = Json::parse(R"({"task":"object-detection","classes":[{"name":"building","value":7}]})");

 private:
  std::deque<std::vector<std::uint8_t>> pixels_;
  std::vector<io::PackedChip> chips_;
};

/// Finds every bright thing as a box of class 1; surer the further down it lies.
class Finder final : public infer::Runner {
 public:
  Result<std::vector<infer::Output>> run(const TensorView& input) override {
    auto out = std::make_shared<pipeline::stand_in::Tensor>();
    const std::int64_t plane = input.shape[2] * input.shape[3];
    for (std::int64_t i = 0; i < input.shape[0]; ++i) {
      const float* p = input.as<const float>() + i * input.shape[1] * plane;
      const auto lit = [&](std::int64_t x, std::int64_t y) { return x >= 0 && y >= 0 && x < side && y < side && p[y * side + x] > 0.5F; };
      for (std::int64_t y = 0; y < side; ++y) {
        for (std::int64_t x = 0; x < side; ++x) {
          if (!lit(x, y) || lit(x - 1, y) || lit(x, y - 1)) continue;
          const auto l = static_cast<float>(x), t = static_cast<float>(y);
          for (const float v : {static_cast<float>(i), l, t, l + 16, t + 16, 0.1F + t / 100, 1.0F}) out->data.push_back(v);
        }
      }
    }
    out->shape = {static_cast<std::int64_t>(out->data.size()) / 7, 7};
    return std::vector<infer::Output>{{out->view(), out}};
  }
};

struct Fixture {
  std::shared_ptr<Town> town = std::make_shared<Town>();
  Finder runner;
  EvaluationRequest request;

  Fixture() {
    request.pack = town;
    request.part = io::Part::val;
    request.model = pipeline::stand_in::spec(side);
    request.model.task = stac::Task::object_detection;
    request.plugin = std::make_shared<pipeline::stand_in::Plugin>(plugin::ResultKind::boxes, 0);
    request.runner = &runner;
    request.options.confidence_threshold = 0.3;
  }
};

TEST(BoxEvaluation, ComparesEveryChipsBoxesWithItsLabels) {
  Fixture f;
  f.town->add({{4, 2}, {30, 40}}, Json::parse("[[4,2,20,18,7],[30,40,46,56,7]]"));
  f.town->add({{20, 30}}, Json::parse("[]"));
  f.town->add({}, Json::parse("[[1,1,17,17,7]]"), io::Part::train);  // of another part: must not count
  const auto result = evaluate(f.request);
  ASSERT_TRUE(result) << result.error().message();
  ASSERT_TRUE(result->boxes);
  EXPECT_EQ(result->chips, 2);
  const Json json = result->to_json();
  // Surest first: right (0.5), wrong (0.4), right (0.12).
  EXPECT_NEAR(json["fair:map50"].get<double>(), (51 + 50 * 2.0 / 3) / 101, 1e-6);
  EXPECT_NEAR(json["fair:map50_95"].get<double>(), (51 + 50 * 2.0 / 3) / 101, 1e-6);
  EXPECT_NEAR(json["fair:recall"].get<double>(), 1, 1e-9);
  EXPECT_EQ(result->features.size(), 2U) << "those that the request's own threshold keeps";
  EXPECT_EQ(result->features.front().class_name, "building");
}

TEST(BoxEvaluation, SaysWhatIsMissing) {
  Fixture f;
  EXPECT_FALSE(evaluate(f.request)) << "a part without chips";
  f.town->add({}, Json());
  const auto unlabelled = evaluate(f.request);
  ASSERT_FALSE(unlabelled);
  EXPECT_NE(unlabelled.error().message().find("chip-0"), std::string::npos) << unlabelled.error().message();
}

}  // namespace
}  // namespace fair::launch
