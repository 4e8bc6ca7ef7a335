#include <gtest/gtest.h>

#include "core/plugin/conformance.h"
#include "tests/unit/plugin/golden_boxes.h"

namespace fair::plugins {
namespace {

using test::instance, test::view, test::yolo_spec;

std::vector<float> rows(const Result<plugin::PostResult>& result) { return {result->data.begin(), result->data.end()}; }

TEST(YoloDetection, AnchorsBecomeBoxesOfTheLikeliestClass) {
  // Two classes, three anchors: cx, cy, w, h, then a probability a class.
  std::vector<float> output{10, 20, 30, 5, 6, 7, 4, 8, 2, 2, 2, 2, 0.25F, 0.5F, 0, 0.75F, 0.5F, 0.125F};
  const TensorView tensor = view(output, {1, 6, 3});
  const auto result = instance(yolo_spec(2))->postprocess({&tensor, 1});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->kind, plugin::ResultKind::boxes);
  EXPECT_EQ(rows(result), (std::vector<float>{0, 8, 4, 12, 6, 0.75F, 1, 0, 16, 5, 24, 7, 0.5F, 0, 0, 29, 6, 31, 8, 0.125F, 1}));
}

TEST(YoloDetection, DetectionsAreTakenAsTheyAreAndTheirPaddingLeftOut) {
  std::vector<float> output{1, 2, 3, 4, 0.5F, 1, 0, 0, 0, 0, 0, 0, 5, 6, 7, 8, 0.25F, 0, 0, 0, 0, 0, 0, 0};
  const TensorView tensor = view(output, {2, 2, 6});
  for (const int classes : {1, 2, 3}) {
    const auto result = instance(yolo_spec(classes))->postprocess({&tensor, 1});
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(rows(result), (std::vector<float>{0, 1, 2, 3, 4, 0.5F, 1, 1, 5, 6, 7, 8, 0.25F, 0}));
  }
}

TEST(YoloDetection, AnOutputOfOtherClassesIsASentence) {
  std::vector<float> output(7 * 21);
  const TensorView tensor = view(output, {1, 7, 21});
  const auto result = instance(yolo_spec(1))->postprocess({&tensor, 1});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("[1, 7, 21], neither [batch, 5, anchors]"), std::string::npos) << result.error().message();
}

TEST(YoloDetection, ConformsToThePluginContract) {
  const auto plugin = plugin::LoadedPlugin::take(test::built_in("yolo11n_detection").entry, "built in");
  ASSERT_TRUE(plugin);
  const auto example = plugin::example_spec(plugin->description());
  ASSERT_TRUE(example) << example.error().message();
  EXPECT_EQ(check_conformance(*plugin, *example).faults, std::vector<std::string>{});
  EXPECT_EQ(check_conformance(*plugin, yolo_spec(1)).faults, std::vector<std::string>{});
}

class GoldenBoxes : public ::testing::TestWithParam<test::GoldenModel> {};

TEST_P(GoldenBoxes, RawOutputsDecodedAndSuppressedEqualTheOthersBoxes) {
  std::vector<float> raw = test::npy_values(test::golden_path(GetParam(), ".output.npy"));
  if (raw.empty()) GTEST_SKIP() << "needs " << test::golden_path(GetParam(), ".output.npy") << ", beside the project";
  test::expect_golden_boxes(GetParam(), raw, 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Exports, GoldenBoxes, ::testing::ValuesIn(test::golden_models));

}  // namespace
}  // namespace fair::plugins
