#include "native/weights/safetensors.h"

#include <gtest/gtest.h>

namespace fair::weights {
namespace {

using std::string_literals::operator""s;

TEST(WrittenSafetensors, AreReadBack) {
  const std::vector<float> matrix{1.5F, -2, 1.0F / 3}, vector{1.0F / 3, 1e6F};
  const auto bytes = [](const std::vector<float>& v) { return std::string_view(reinterpret_cast<const char*>(v.data()), v.size() * sizeof(float)); };
  const std::vector<onnx::StateEntry> entries{{"head.weight", {3, 1}, bytes(matrix)}, {"head.bias", {2}, bytes(vector)}};
  for (const bool half : {false, true}) {
    const auto file = serialize_safetensors(entries, half);
    ASSERT_TRUE(file) << file.error().message();
    const auto state = parse_state_dict(*file, "file");
    ASSERT_TRUE(state) << state.error().message();
    ASSERT_EQ(state->tensors.size(), 2U);
    const auto named = [&](const std::string& name) { return state->tensors[state->tensors[0].name == name ? 0 : 1]; };
    EXPECT_EQ(named("head.bias").raw, bytes(vector));
    const onnx::Tensor weight = named("head.weight");
    EXPECT_EQ(weight.dims, (std::vector<std::int64_t>{3, 1}));
    EXPECT_EQ(weight.raw, half ? "\x00\x3e\x00\xc0\x55\x35"s : bytes(matrix));
  }
  const std::vector<float> large{1e6F};
  const auto refused = serialize_safetensors({{"wide.weight", {1, 1}, bytes(large)}}, true);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("wide.weight"), std::string::npos);
}

}  // namespace
}  // namespace fair::weights
