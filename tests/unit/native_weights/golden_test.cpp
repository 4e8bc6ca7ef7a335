// Weights laid over an export of the same model give its golden output.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>

#include "native/infer/session.h"
#include "native/io/atomic_file.h"
#include "native/onnx/read.h"
#include "native/onnx/write.h"
#include "native/weights/overlay.h"

namespace fair::weights {
namespace {

namespace fs = std::filesystem;
const fs::path models = fs::path(FAIR_SHARED) / "models";

/// The numbers of a float32 .npy file.
std::vector<float> numbers_of(const fs::path& path) {
  const auto bytes = io::read_whole(path);
  if (!bytes || bytes->find("'<f4'") == std::string::npos) throw std::runtime_error("no float32 array: " + path.string());
  const std::size_t start = 10 + static_cast<unsigned char>((*bytes)[8]) + 256U * static_cast<unsigned char>((*bytes)[9]);
  std::vector<float> out((bytes->size() - start) / sizeof(float));
  std::memcpy(out.data(), bytes->data() + start, out.size() * sizeof(float));
  return out;
}

double largest_difference(onnx::Model model) {
  const fs::path path = fs::temp_directory_path() / ("fair-golden-" + std::to_string(getpid()) + ".onnx");
  EXPECT_TRUE(onnx::write_model(path, model));
  const auto session = infer::Session::open(path, {"cpu", 1, 1, false});
  EXPECT_TRUE(session);
  std::vector<float> input = numbers_of(models / "tv_resnet18w8_bnkept_op18.input.npy");
  const std::vector<float> golden = numbers_of(models / "tv_resnet18w8_bnkept_op18.output.npy");
  const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(input.size()) / 3 / static_cast<double>(golden.size()))));
  const auto outputs = (*session)->run({input.data(), DType::f32, 4, {static_cast<std::int64_t>(golden.size()), 3, side, side}});
  fs::remove(path);
  EXPECT_TRUE(outputs) << outputs.error().message();
  if (!outputs || (*outputs)[0].view.elements() != static_cast<std::int64_t>(golden.size())) return INFINITY;
  double largest = 0;
  for (std::size_t i = 0; i < golden.size(); ++i)
    largest = std::max(largest, std::fabs(static_cast<double>((*outputs)[0].view.as<float>()[i]) - golden[i]));
  return largest;
}

struct Golden {
  const char* file;
  double tolerance;
};
class Overlaid : public testing::TestWithParam<Golden> {};

TEST_P(Overlaid, GivesTheGoldenOutput) {
  const fs::path file = models / "state_dicts" / GetParam().file;
  if (!fs::is_regular_file(file)) GTEST_SKIP() << "no " << file;
  auto model = onnx::read_model(models / "tv_resnet18w8_bnkept_op18.onnx");
  ASSERT_TRUE(model) << model.error().message();
  const auto state = read_state_dict(file);
  ASSERT_TRUE(state) << state.error().message();
  const KeyMatch match = match_keys(model->graph, state->tensors, false);
  EXPECT_TRUE(match.whole());
  EXPECT_EQ(match.matched.size(), 102U);  // 122 tensors, of which 20 count batches
  EXPECT_EQ(match.ignored, 20U);
  EXPECT_TRUE(match.unexpected.empty());
  // Without its own weights the graph gives something else: what comes back comes from the file.
  for (const auto& pair : match.matched) {
    auto& raw = model->graph.initializer(pair.weight)->raw;
    raw.assign(raw.size(), '\0');
  }
  EXPECT_GT(largest_difference(*model), 1e-2);
  ASSERT_TRUE(lay_over(model->graph, match, *state));
  const double difference = largest_difference(*model);
  RecordProperty("largest_difference", std::to_string(difference));
  EXPECT_LE(difference, GetParam().tolerance);
}

INSTANTIATE_TEST_SUITE_P(Shared, Overlaid,
                         testing::Values(Golden{"resnet18w8.pth", 1e-4}, Golden{"resnet18w8_legacy.pth", 1e-4},
                                         Golden{"resnet18w8_checkpoint.pth", 1e-4}, Golden{"resnet18w8.safetensors", 1e-4},
                                         // These hold rounded weights: the output moves with them.
                                         Golden{"resnet18w8_ddp_half.pth", 2e-2}, Golden{"resnet18w8_bf16.safetensors", 2e-2}));

TEST(Folded, GraphsRefuseWeightsWithBatchStatistics) {
  const fs::path file = models / "state_dicts" / "resnet18w8.pth";
  if (!fs::is_regular_file(file)) GTEST_SKIP() << "no " << file;
  for (const char* name : {"tv_resnet18w8_eval_op17.onnx", "tv_resnet18w8_dynamo_op18.onnx"}) {
    const auto model = onnx::read_model(models / name);
    ASSERT_TRUE(model) << model.error().message();
    const auto state = read_state_dict(file);
    ASSERT_TRUE(state);
    const KeyMatch match = match_keys(model->graph, state->tensors, false);
    EXPECT_TRUE(match.folded) << name;
    EXPECT_FALSE(match.whole()) << name;
  }
}

}  // namespace
}  // namespace fair::weights
