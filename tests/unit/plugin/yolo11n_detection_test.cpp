#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "core/detect/nms.h"
#include "core/plugin/conformance.h"
#include "plugins/built_in.h"

namespace fair::plugins {
namespace {

const BuiltIn& yolo() {
  return *std::find_if(built_in().begin(), built_in().end(), [](const BuiltIn& one) { return std::string(one.name) == "yolo11n_detection"; });
}

stac::ModelSpec spec_with(int classes) {
  Json json = Json::parse(yolo().items.front());
  Json& list = json["properties"]["mlm:output"][0]["classification:classes"];
  for (int c = 1; c < classes; ++c) list.push_back({{"name", "class " + std::to_string(c)}, {"value", c}});
  return *stac::ModelSpec::from_item(*stac::Item::from_json(json, "yolo11n-detection"));
}

std::shared_ptr<plugin::ModelPlugin> instance(int classes) {
  const auto registry = built_in_registry();
  EXPECT_TRUE(registry) << registry.error().message();
  auto made = registry->create(spec_with(classes));
  EXPECT_TRUE(made) << made.error().message();
  return made ? *made : nullptr;
}

TensorView view(std::vector<float>& values, std::vector<std::int64_t> shape) {
  TensorView tensor;
  tensor.data = values.data();
  tensor.rank = static_cast<std::int32_t>(shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i) tensor.shape[i] = shape[i];
  return tensor;
}

std::vector<float> rows(const Result<plugin::PostResult>& result) { return {result->data.begin(), result->data.end()}; }

std::string whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The f32 values of a .npy file, whose header says its own length.
std::vector<float> npy(const std::string& path) {
  const std::string bytes = whole(path);
  if (bytes.size() < 10) return {};
  const std::size_t start = 10 + static_cast<unsigned char>(bytes[8]) + 256 * static_cast<std::size_t>(static_cast<unsigned char>(bytes[9]));
  std::vector<float> values((bytes.size() - start) / sizeof(float));
  std::memcpy(values.data(), bytes.data() + start, values.size() * sizeof(float));
  return values;
}

TEST(YoloDetection, AnchorsBecomeBoxesOfTheLikeliestClass) {
  // Two classes, three anchors: cx, cy, w, h, then a probability a class.
  std::vector<float> output{10, 20, 30, 5, 6, 7, 4, 8, 2, 2, 2, 2, 0.25F, 0.5F, 0, 0.75F, 0.5F, 0.125F};
  const TensorView tensor = view(output, {1, 6, 3});
  const auto result = instance(2)->postprocess({&tensor, 1});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->kind, plugin::ResultKind::boxes);
  EXPECT_EQ(rows(result), (std::vector<float>{0, 8, 4, 12, 6, 0.75F, 1, 0, 16, 5, 24, 7, 0.5F, 0, 0, 29, 6, 31, 8, 0.125F, 1}));
}

TEST(YoloDetection, DetectionsAreTakenAsTheyAreAndTheirPaddingLeftOut) {
  std::vector<float> output{1, 2, 3, 4, 0.5F, 1, 0, 0, 0, 0, 0, 0, 5, 6, 7, 8, 0.25F, 0, 0, 0, 0, 0, 0, 0};
  const TensorView tensor = view(output, {2, 2, 6});
  for (const int classes : {1, 2, 3}) {
    const auto result = instance(classes)->postprocess({&tensor, 1});
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(rows(result), (std::vector<float>{0, 1, 2, 3, 4, 0.5F, 1, 1, 5, 6, 7, 8, 0.25F, 0}));
  }
}

TEST(YoloDetection, AnOutputOfOtherClassesIsASentence) {
  std::vector<float> output(7 * 21);
  const TensorView tensor = view(output, {1, 7, 21});
  const auto result = instance(1)->postprocess({&tensor, 1});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("[1, 7, 21], neither [batch, 5, anchors]"), std::string::npos) << result.error().message();
}

TEST(YoloDetection, ConformsToThePluginContract) {
  const auto plugin = plugin::LoadedPlugin::take(yolo().entry, "built in");
  ASSERT_TRUE(plugin);
  const auto example = plugin::example_spec(plugin->description());
  ASSERT_TRUE(example) << example.error().message();
  EXPECT_EQ(check_conformance(*plugin, *example).faults, std::vector<std::string>{});
  EXPECT_EQ(check_conformance(*plugin, spec_with(1)).faults, std::vector<std::string>{});
}

class GoldenBoxes : public ::testing::TestWithParam<std::tuple<const char*, int, std::size_t>> {};

TEST_P(GoldenBoxes, RawOutputsDecodedAndSuppressedEqualTheOthersBoxes) {
  const auto& [name, classes, count] = GetParam();
  const std::string base = std::string(FAIR_SHARED) + "/models/" + name;
  std::vector<float> raw = npy(base + ".output.npy");
  if (raw.empty()) GTEST_SKIP() << "needs " << base << ".output.npy, beside the project";
  const Json expected = Json::parse(whole(base + ".boxes.json"));
  const TensorView tensor = view(raw, {1, 4 + classes, static_cast<std::int64_t>(raw.size()) / (4 + classes)});
  const auto result = instance(classes)->postprocess({&tensor, 1});
  ASSERT_TRUE(result) << result.error().message();

  std::vector<detect::Box> boxes;
  for (const float* row = result->data.data(); row < result->data.data() + result->data.size(); row += 7) {
    if (row[5] > expected["conf"].get<float>()) boxes.push_back({row[1], row[2], row[3], row[4], row[5], static_cast<std::int32_t>(row[6])});
  }
  EXPECT_EQ(boxes.size(), expected["candidates_over_conf"].get<std::size_t>());
  std::vector<detect::Box> kept = detect::suppress(boxes, expected["iou"].get<double>());
  ASSERT_EQ(kept.size(), count);
  ASSERT_EQ(expected["boxes"].size(), count);
  for (const Json& theirs : expected["boxes"]) {
    const auto same = std::find_if(kept.begin(), kept.end(), [&](const detect::Box& ours) {
      const double values[] = {ours.x0, ours.y0, ours.x1, ours.y1};
      for (std::size_t i = 0; i < 4; ++i) {
        if (std::abs(values[i] - theirs[i].get<double>()) > 1e-3) return false;
      }
      return std::abs(static_cast<double>(ours.confidence) - theirs[4].get<double>()) < 2e-6 &&
             ours.label == static_cast<int>(theirs[5].get<double>());
    });
    ASSERT_NE(same, kept.end()) << theirs.dump();
    kept.erase(same);
  }
}

INSTANTIATE_TEST_SUITE_P(Exports, GoldenBoxes,
                         ::testing::Values(std::tuple{"yolo11n_nc1_op19", 1, std::size_t{470}}, std::tuple{"yolov8n_nc2_op12", 2, std::size_t{609}}));

}  // namespace
}  // namespace fair::plugins
