// Every file that others wrote, against what their own library said of it.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>

#include "core/base/json.h"
#include "native/io/atomic_file.h"
#include "native/weights/read.h"

namespace fair::weights {
namespace {

namespace fs = std::filesystem;
const fs::path models = fs::path(FAIR_SHARED) / "models";

float value_of(const onnx::Tensor& t, std::size_t i) {
  float value = 0;
  if (t.type == onnx::ElementType::f32) {
    std::memcpy(&value, t.raw.data() + i * 4, 4);
    return value;
  }
  std::uint16_t bits = 0;
  std::memcpy(&bits, t.raw.data() + i * 2, 2);
  if (t.type == onnx::ElementType::bf16) {
    const std::uint32_t wide = static_cast<std::uint32_t>(bits) << 16U;
    std::memcpy(&value, &wide, 4);
    return value;
  }
  const float magnitude = (bits & 0x7c00U) == 0
                              ? std::ldexp(static_cast<float>(bits & 0x3ffU), -24)
                              : std::ldexp(static_cast<float>((bits & 0x3ffU) | 0x400U), static_cast<int>((bits >> 10U) & 31U) - 25);
  return (bits & 0x8000U) != 0 ? -magnitude : magnitude;
}

struct File {
  const char *name, *format, *key, *prefix, *type;
  double tolerance;  ///< relative to the sum of magnitudes: what rounding to the file's type moves
};

class Files : public testing::TestWithParam<File> {};

TEST_P(Files, HoldTheNamesShapesTypesAndSumsThatPyTorchSaw) {
  const File& file = GetParam();
  const fs::path folder = models / "state_dicts";
  if (!fs::is_directory(folder)) GTEST_SKIP() << "no " << folder;
  const auto state = read_state_dict(folder / file.name);
  ASSERT_TRUE(state) << state.error().message();
  EXPECT_EQ(state->format, file.format);
  EXPECT_EQ(state->key, file.key);
  const auto text = io::read_whole(folder / "resnet18w8.tensors.json");
  ASSERT_TRUE(text);
  const Json listed = Json::parse(*text);
  std::map<std::string, const onnx::Tensor*> found;
  for (const auto& t : state->tensors) found[t.name] = &t;
  EXPECT_EQ(found.size(), listed.size());
  for (const Json& entry : listed) {
    const auto name = file.prefix + entry["name"].get<std::string>();
    ASSERT_EQ(found.count(name), 1U) << name;
    const onnx::Tensor& t = *found[name];
    EXPECT_EQ(Json(t.dims), entry["shape"]) << name;
    const bool whole = entry["dtype"] == "int64";
    EXPECT_STREQ(onnx::name(t.type), whole ? "int64" : file.type) << name;
    if (whole) continue;
    double sum = 0, magnitudes = 0;
    for (std::int64_t i = 0; i < t.elements(); ++i) {
      sum += value_of(t, static_cast<std::size_t>(i));
      magnitudes += std::fabs(value_of(t, static_cast<std::size_t>(i)));
    }
    const double allowed = file.tolerance * entry["abssum"].get<double>();
    EXPECT_NEAR(sum, entry["sum"].get<double>(), allowed) << name;
    EXPECT_NEAR(magnitudes, entry["abssum"].get<double>(), allowed) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Shared, Files,
                         testing::Values(File{"resnet18w8.pth", "PyTorch zip", "", "", "float32", 1e-12},
                                         File{"resnet18w8_legacy.pth", "PyTorch legacy", "", "", "float32", 1e-12},
                                         File{"resnet18w8_checkpoint.pth", "PyTorch zip", "state_dict", "", "float32", 1e-12},
                                         File{"resnet18w8_ddp_half.pth", "PyTorch zip", "", "module.", "float16", 1e-3},
                                         File{"resnet18w8.safetensors", "safetensors", "", "", "float32", 1e-12},
                                         File{"resnet18w8_bf16.safetensors", "safetensors", "", "", "bfloat16", 1e-2}),
                         [](const auto& of) {
                           std::string name = of.param.name;
                           for (char& c : name) c = c == '.' ? '_' : c;
                           return name;
                         });

TEST(WholeModel, OfUltralyticsGivesItsTensorsByDottedName) {
  const fs::path path = models / "yolo11n_nc1_op19.pt";
  if (!fs::is_regular_file(path)) GTEST_SKIP() << "no " << path;
  const auto state = read_state_dict(path);
  ASSERT_TRUE(state) << state.error().message();
  EXPECT_EQ(state->format, "PyTorch zip");
  EXPECT_EQ(state->key, "model");
  std::map<std::string, const onnx::Tensor*> found;
  std::int64_t parameters = 0;
  for (const auto& t : state->tensors) {
    found[t.name] = &t;
    const bool statistics = t.name.find("running_") != std::string::npos || t.name.find("num_batches") != std::string::npos;
    if (!statistics) parameters += t.elements();
  }
  EXPECT_EQ(found.size(), state->tensors.size());
  ASSERT_EQ(found.count("model.0.conv.weight"), 1U);
  EXPECT_EQ(found["model.0.conv.weight"]->dims, (std::vector<std::int64_t>{16, 3, 3, 3}));
  EXPECT_EQ(found["model.0.conv.weight"]->type, onnx::ElementType::f16);
  ASSERT_EQ(found.count("model.23.dfl.conv.weight"), 1U);
  EXPECT_EQ(parameters, 2590035);  // what ultralytics prints of yolo11n with one class
}

}  // namespace
}  // namespace fair::weights
