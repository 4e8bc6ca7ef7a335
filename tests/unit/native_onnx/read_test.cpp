#include "native/onnx/read.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "native/onnx/builder.h"
#include "native/onnx/half_weights.h"
#include "native/onnx/write.h"

namespace {

using namespace fair::onnx;

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Model tiny() {
  Builder b("tiny", 18, 1);
  const auto x = b.input("input", {{-1, "batch"}, {3, ""}, {8, ""}, {8, ""}});
  const auto y = b.batch_norm("bn", b.conv("conv", x, ConvShape{3, 4}), 4);
  b.output(b.identity("out", y), {{-1, "batch"}, {4, ""}, {8, ""}, {8, ""}});
  return std::move(b).build("test");
}

TEST(ReadOnnx, GivesBackWhatWasWritten) {
  auto model = tiny();
  model.set_metadata("fair.item", "{}");
  const auto bytes = serialize(model);
  const auto again = parse_model(bytes, "tiny");
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(serialize(*again), bytes);
  EXPECT_EQ(again->opset(), 18);
  EXPECT_EQ(*again->metadata_value("fair.item"), "{}");
  EXPECT_EQ(again->graph.nodes[1].inputs[3], "bn.running_mean");
  EXPECT_EQ(again->graph.nodes[1].real("momentum", 0), 0.9);
  EXPECT_EQ((*again->graph.inputs[0].shape)[0].param, "batch");
}

TEST(ReadOnnx, RefusesEveryTruncation) {
  const auto bytes = serialize(tiny());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const auto cut = parse_model(std::string_view(bytes).substr(0, n), "cut.onnx");
    // Cutting between top-level fields leaves a smaller message that may still be whole; then it must lack what the end held.
    if (cut) {
      EXPECT_LT(serialize(*cut).size(), bytes.size()) << n;
    } else {
      EXPECT_EQ(cut.error().thing.rfind("cut.onnx", 0), 0U);
    }
  }
}

TEST(ReadOnnx, RefusesATensorThatLies) {
  auto model = tiny();
  model.graph.initializers[0].dims[0] = 5;
  const auto lying = parse_model(serialize(model), "lying.onnx");
  ASSERT_FALSE(lying);
  EXPECT_NE(lying.error().message().find("conv.weight"), std::string::npos);
  model.graph.initializers[0].dims = {1LL << 40, 1LL << 40};
  EXPECT_FALSE(parse_model(serialize(model), "huge.onnx"));
  model.graph.initializers[0].dims = {-4, -27};
  EXPECT_FALSE(parse_model(serialize(model), "negative.onnx"));
}

TEST(ReadOnnx, SurvivesFlippedBytes) {
  const auto bytes = serialize(tiny());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    (void)parse_model(damaged, "damaged.onnx");
  }
}

TEST(ReadOnnx, RefusesWhatIsNotOnnx) {
  EXPECT_FALSE(parse_model("", "empty"));
  EXPECT_FALSE(parse_model("{\"json\": true}", "json"));
  EXPECT_FALSE(read_model("/dev/null/model.onnx"));
}

/// A TensorProto as a file with weights outside spells it, through the fields the reader keeps as bytes.
std::string outside_tensor(const std::string& location) {
  const std::string pair = std::string("\x0a\x08location\x12") + static_cast<char>(location.size()) + location;
  return std::string("\x08\x04\x10\x01\x42\x01w\x6a") + static_cast<char>(pair.size()) + pair + "\x70\x01";
}

TEST(ReadOnnx, FindsWeightsBesideTheFileAndNowhereElse) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "fair_onnx_outside";
  std::filesystem::create_directories(folder);
  const std::vector<float> values{1, 2, 3, 4};
  std::ofstream(folder / "weights.bin", std::ios::binary).write(reinterpret_cast<const char*>(values.data()), 16);
  for (const auto& [location, good] :
       std::vector<std::pair<std::string, bool>>{{"weights.bin", true}, {"../weights.bin", false}, {"/etc/passwd", false}, {"none.bin", false}}) {
    const auto tensor = outside_tensor(location);
    auto model = tiny();
    model.graph.other = std::string("\x2a") + static_cast<char>(tensor.size()) + tensor;
    const auto path = folder / "model.onnx";
    ASSERT_TRUE(write_model(path, model));
    const auto read = read_model(path);
    EXPECT_EQ(read.has_value(), good) << location;
    if (read) {
      EXPECT_EQ(read->graph.initializer("w")->f32()[3], 4.0F);
    }
    EXPECT_FALSE(parse_model(serialize(model), "bytes"));
  }
}

TEST(WriteOnnx, LeavesNothingBehindWhereItCannotWrite) {
  EXPECT_FALSE(write_model("/dev/null/model.onnx", tiny()));
  EXPECT_FALSE(std::filesystem::exists("/dev/null/model.onnx.part"));
}

TEST(HalfWeights, RoundToNearestEven) {
  EXPECT_EQ(to_half(1.0F), 0x3c00);
  EXPECT_EQ(to_half(-2.0F), 0xc000);
  EXPECT_EQ(to_half(65504.0F), 0x7bff);
  EXPECT_EQ(to_half(1.0F + 0x1.0p-11F), 0x3c00);
  EXPECT_EQ(to_half(1.0F + 0x1.8p-10F), 0x3c02);
  EXPECT_EQ(to_half(0x1.0p-24F), 1);
  for (std::uint32_t bits = 0; bits < 0x7c00; ++bits) EXPECT_EQ(to_half(from_half(static_cast<std::uint16_t>(bits))), bits);
}

TEST(HalfWeights, HalveMatricesAndKeepVectors) {
  const auto half = with_half_weights(tiny());
  ASSERT_TRUE(half);
  EXPECT_EQ(half->graph.initializers[0].type, ElementType::f16);
  EXPECT_EQ(half->graph.nodes[0].op, "Cast");
  EXPECT_EQ(half->graph.initializer("bn.running_var")->type, ElementType::f32);
  EXPECT_TRUE(parse_model(serialize(*half), "half"));
}

TEST(ReadOnnx, RefusesFieldsOfAnotherWireTypeThanDeclared) {
  // ir_version as text, producer_name as a number, a graph as a number, an initializer's sizes as floats.
  for (const std::string& bytes : {std::string("\x0a\x01x", 3), std::string("\x10\x05", 2), std::string("\x38\x01", 2),
                                   std::string("\x3a\x07\x2a\x05\x0d\x00\x00\x80\x3f", 9)}) {
    const auto model = parse_model(bytes, "odd");
    ASSERT_FALSE(model);
    EXPECT_NE(model.error().message().find("not of the type"), std::string::npos) << model.error().message();
  }
}

TEST(ReadOnnx, ThirdPartyFilesComeBackByteForByteInMeaning) {
  const std::filesystem::path folder = std::filesystem::path(FAIR_SHARED) / "models";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no " << folder;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".onnx") continue;
    const auto model = read_model(entry.path());
    ASSERT_TRUE(model) << model.error().message();
    const auto once = serialize(*model);
    const auto again = parse_model(once, "again");
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(serialize(*again), once);
    const auto original = bytes_of(entry.path());
    for (std::size_t n = 1; n < original.size(); n += original.size() / 37 + 1) (void)parse_model(std::string_view(original).substr(0, n), "cut");
    ++files;
  }
  EXPECT_GT(files, 10);
}

}  // namespace
