// The plugin's graph against an export of the published architecture: with its weights laid in, the same outputs.
#include <gtest/gtest.h>

#include <cmath>

#include "native/infer/session.h"
#include "native/onnx/read.h"
#include "native/onnx/write.h"
#include "native/weights/overlay.h"
#include "plugins/yolo11n_detection/training/graph.h"
#include "tests/unit/native_io/scratch.h"
#include "tests/unit/plugin/golden_boxes.h"
#include "tests/unit/recorded_processor.h"

namespace fair::infer {
namespace {
namespace fs = std::filesystem;

const fs::path golden = fs::path(FAIR_SHARED) / "models";

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// Lays folded weights into a graph that keeps its normalisations: those then do nothing but add the folded bias.
void lay_in(const onnx::Model& folded, onnx::Model& model, std::size_t& convolutions) {
  const auto fill = [&](const std::string& name, float value) {
    onnx::Tensor* t = model.graph.initializer(name);
    ASSERT_NE(t, nullptr) << name;
    std::fill_n(t->f32(), t->elements(), value);
  };
  for (const onnx::Tensor& t : folded.graph.initializers) {
    if (t.name.rfind("model.", 0) != 0) continue;
    onnx::Tensor* own = model.graph.initializer(t.name);
    if (ends_with(t.name, ".conv.bias")) {
      const std::string path = t.name.substr(0, t.name.size() - std::string("conv.bias").size());
      own = model.graph.initializer(path + "bn.bias");
      fill(path + "bn.weight", std::sqrt(1.0F + 1e-3F));
      fill(path + "bn.running_mean", 0.0F);
      fill(path + "bn.running_var", 1.0F);
    } else {
      ++convolutions;
    }
    ASSERT_NE(own, nullptr) << t.name;
    ASSERT_EQ(own->dims, t.dims) << t.name;
    own->raw = t.raw;
  }
}

std::vector<float> run(const fs::path& file, std::vector<float>& pixels, std::int64_t height, std::int64_t width) {
  const auto session = Session::open(file, {"cpu", 2, 1, false});
  EXPECT_TRUE(session) << session.error().message();
  if (!session) return {};
  const auto outputs = (*session)->run(TensorView{pixels.data(), DType::f32, 4, {1, 3, height, width}});
  EXPECT_TRUE(outputs) << outputs.error().message();
  if (!outputs) return {};
  const TensorView out = outputs->front().view;
  const auto* values = static_cast<const float*>(out.data);
  return {values, values + out.elements()};
}

float largest_difference(const std::vector<float>& found, const std::vector<float>& expected) {
  if (found.size() != expected.size() || found.empty()) return INFINITY;
  float most = 0;
  for (std::size_t i = 0; i < found.size(); ++i) most = std::max(most, std::abs(found[i] - expected[i]));
  return most;
}

TEST(YoloExports, RunHereTheyGiveTheOthersBoxes) {
  for (const test::GoldenModel& model : test::golden_models) {
    std::vector<float> pixels = test::npy_values(test::golden_path(model, ".input.npy"));
    if (pixels.empty()) GTEST_SKIP() << "needs " << test::golden_path(model, ".input.npy") << ", beside the project";
    std::vector<float> raw = run(test::golden_path(model, ".onnx"), pixels, 320, 320);
    test::expect_golden_boxes(model, raw, 1e-2, !test::is_recorded_processor());
  }
}

TEST(Yolo11nGraph, WithAnExportsWeightsGivesItsOutputs) {
  const fs::path file = golden / "yolo11n_nc1_op19.onnx";
  if (!fs::exists(file)) GTEST_SKIP() << "needs " << file << ", beside the project";
  const auto folded = onnx::read_model(file);
  ASSERT_TRUE(folded) << folded.error().message();
  onnx::Model model = yolo11n_detection::yolo11({});
  std::size_t laid = 0;
  lay_in(*folded, model, laid);
  std::size_t own = 0;
  for (const onnx::Tensor& t : model.graph.initializers) own += ends_with(t.name, ".weight") && t.dims.size() == 4 ? 1 : 0;
  EXPECT_GT(laid, own) << "every convolution, and the biases of the six that have no normalisation";
  const test::Scratch scratch;
  ASSERT_TRUE(onnx::write_model(scratch / "model.onnx", model));
  std::vector<float> pixels = test::npy_values(golden / "yolo11n_nc1_op19.input.npy");
  EXPECT_LT(largest_difference(run(scratch / "model.onnx", pixels, 320, 320), test::npy_values(golden / "yolo11n_nc1_op19.output.npy")), 1e-2F)
      << "pixels";
}

TEST(Yolo11nGraph, WithAPickledModelsWeightsGivesItsOutputs) {
  const fs::path file = golden / "yolo11n_nc1_op19.pt";
  if (!fs::exists(file)) GTEST_SKIP() << "needs " << file << ", beside the project";
  const auto state = weights::read_state_dict(file);
  ASSERT_TRUE(state) << state.error().message();
  onnx::Model model = yolo11n_detection::yolo11({});
  const auto match = weights::match_keys(model.graph, state->tensors, false);
  EXPECT_TRUE(match.whole());
  EXPECT_EQ(match.matched.size(), 418U);
  ASSERT_TRUE(weights::lay_over(model.graph, match, *state));
  const test::Scratch scratch;
  ASSERT_TRUE(onnx::write_model(scratch / "model.onnx", model));
  std::vector<float> pixels = test::npy_values(golden / "yolo11n_nc1_op19.input.npy");
  EXPECT_LT(largest_difference(run(scratch / "model.onnx", pixels, 320, 320), test::npy_values(golden / "yolo11n_nc1_op19.pt_output.npy")), 1e-2F)
      << "pixels";
}

TEST(Yolo11nGraph, TakesAnyMultipleOf32AndAnyNumberOfClasses) {
  yolo11n_detection::GraphOptions options;
  options.classes = 3;
  const test::Scratch scratch;
  ASSERT_TRUE(onnx::write_model(scratch / "model.onnx", yolo11n_detection::yolo11(options)));
  for (const auto& [height, width] : {std::pair{64, 96}, std::pair{32, 32}}) {
    std::vector<float> pixels(static_cast<std::size_t>(3 * height * width), 0.5F);
    const auto out = run(scratch / "model.onnx", pixels, height, width);
    EXPECT_EQ(out.size(), static_cast<std::size_t>(7 * 21 * height * width / 1024));
  }
}

TEST(Yolo11nGraph, LargerMembersOfTheFamilyAreBuiltByTheirScale) {
  // Parameters in millions as the family's makers publish them (80 classes), rounded to a tenth.
  for (const auto& [name, millions] : {std::pair{"n", 2.6}, {"s", 9.4}}) {
    const auto scale = yolo11n_detection::scale_named(name);
    ASSERT_TRUE(scale);
    yolo11n_detection::GraphOptions options;
    options.classes = 80;
    options.scale = *scale;
    std::int64_t parameters = 0;
    const onnx::Model model = yolo11n_detection::yolo11(options);
    for (const onnx::Tensor& t : model.graph.initializers) {
      if ((ends_with(t.name, ".weight") || ends_with(t.name, ".bias")) && t.name.find(".dfl.") == std::string::npos) parameters += t.elements();
    }
    EXPECT_NEAR(static_cast<double>(parameters) / 1e6, millions, 0.06) << name;
  }
  EXPECT_EQ(yolo11n_detection::scale_named("q").error().code, Code::usage);
}

}  // namespace
}  // namespace fair::infer
