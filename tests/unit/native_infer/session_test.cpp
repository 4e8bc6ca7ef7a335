#include "native/infer/session.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <fstream>

#include "native/onnx/builder.h"
#include "native/onnx/half_weights.h"
#include "native/onnx/int8_weights.h"
#include "native/onnx/read.h"
#include "native/onnx/write.h"

namespace fair::infer {
namespace {

namespace fs = std::filesystem;

const fs::path models = fs::path(FAIR_SHARED) / "models";

/// A folder that goes away with the test.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("fair-session-" + std::to_string(::getpid()))) { fs::create_directories(path_); }
  ~Folder() { fs::remove_all(path_); }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

onnx::Model small(std::int64_t batch = -1) {
  onnx::Builder b("small", 18, 1);
  const std::string x = b.input("image", {{batch, batch < 0 ? "batch" : ""}, {3, ""}, {16, ""}, {16, ""}});
  const std::string y = b.relu("r", b.conv("c", x, {3, 2, 3, 1, true}));
  b.identity("scores", y);
  b.output("scores", {{batch, batch < 0 ? "batch" : ""}, {2, ""}, {16, ""}, {16, ""}});
  return std::move(b).build("1");
}

stac::ModelSpec spec() {
  stac::ModelSpec s;
  s.input.shape = {-1, 3, 16, 16};
  s.input.height = s.input.width = 16;
  s.output.classes = {{0, "background", ""}, {1, "building", ""}};
  return s;
}

TEST(Session, TellsWhatTheGraphDeclares) {
  const Folder folder;
  ASSERT_TRUE(onnx::write_model(folder / "m.onnx", small()));
  const auto session = Session::open(folder / "m.onnx", {"cpu", 1, 1, false});
  ASSERT_TRUE(session) << session.error().message();
  const SessionInfo& info = (*session)->info();
  EXPECT_EQ(info.provider, "CPUExecutionProvider");
  EXPECT_EQ(info.threads, 1);
  ASSERT_EQ(info.inputs.size(), 1U);
  EXPECT_EQ(info.inputs[0].name, "image");
  EXPECT_EQ(info.inputs[0].shape, (std::vector<std::int64_t>{-1, 3, 16, 16}));
  EXPECT_EQ(info.outputs[0].name, "scores");
  EXPECT_GT(info.create_ms, 0);
}

TEST(Session, RunsAnyBatchOfAFreeOne) {
  const Folder folder;
  ASSERT_TRUE(onnx::write_model(folder / "m.onnx", small()));
  const auto session = Session::open(folder / "m.onnx", {"cpu", 1, 1, false});
  ASSERT_TRUE(session);
  for (const std::int64_t n : {1, 3}) {
    std::vector<float> pixels(static_cast<std::size_t>(n) * 3 * 256, 0.5F);
    TensorView input{pixels.data(), DType::f32, 4, {n, 3, 16, 16}};
    const auto outputs = (*session)->run(input);
    ASSERT_TRUE(outputs) << outputs.error().message();
    EXPECT_EQ((*outputs)[0].view.shape[0], n);
    EXPECT_EQ((*outputs)[0].view.elements(), n * 2 * 256);
  }
  std::vector<float> pixels(3 * 64);
  const auto wrong = (*session)->run({pixels.data(), DType::f32, 4, {1, 3, 8, 8}});
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message().find("8"), std::string::npos) << wrong.error().message();
}

TEST(Session, HalfWeightsRunAndAgree) {
  const Folder folder;
  const onnx::Model full = small();
  ASSERT_TRUE(onnx::write_model(folder / "full.onnx", full));
  const auto half = onnx::with_half_weights(full);
  ASSERT_TRUE(half);
  ASSERT_TRUE(onnx::write_model(folder / "half.onnx", *half));
  std::vector<float> pixels(3 * 256);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(i % 97) / 97.0F;
  const TensorView input{pixels.data(), DType::f32, 4, {1, 3, 16, 16}};
  const auto a = Session::open(folder / "full.onnx", {"cpu", 1, 1, false});
  const auto b = Session::open(folder / "half.onnx", {"cpu", 1, 1, false});
  ASSERT_TRUE(a);
  ASSERT_TRUE(b) << b.error().message();
  const auto x = (*a)->run(input);
  const auto y = (*b)->run(input);
  ASSERT_TRUE(x && y);
  for (std::int64_t i = 0; i < (*x)[0].view.elements(); ++i) ASSERT_NEAR((*x)[0].view.as<float>()[i], (*y)[0].view.as<float>()[i], 5e-3);
}

TEST(Session, Int8WeightsRunAndAgree) {
  const Folder folder;
  onnx::Builder b("wide", 18, 1);
  const std::string x = b.input("image", {{1, ""}, {3, ""}, {16, ""}, {16, ""}});
  const std::string y = b.relu("r", b.batch_norm("bn", b.conv("c1", x, {3, 48, 3, 1, true}), 48));
  b.identity("scores", b.conv("c2", y, {48, 4, 3, 1, true}));
  b.output("scores", {{1, ""}, {4, ""}, {16, ""}, {16, ""}});
  const onnx::Model full = std::move(b).build("1");
  const auto small = onnx::with_int8_weights(full);
  ASSERT_TRUE(small) << small.error().message();
  ASSERT_TRUE(onnx::write_model(folder / "full.onnx", full));
  ASSERT_TRUE(onnx::write_model(folder / "small.onnx", *small));
  EXPECT_LT(fs::file_size(folder / "small.onnx"), fs::file_size(folder / "full.onnx") / 2);
  std::vector<float> pixels(3 * 256);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(i % 97) / 97.0F;
  const TensorView input{pixels.data(), DType::f32, 4, {1, 3, 16, 16}};
  const auto a = Session::open(folder / "full.onnx", {"cpu", 1, 1, false});
  const auto c = Session::open(folder / "small.onnx", {"cpu", 1, 1, false});
  ASSERT_TRUE(a) << a.error().message();
  ASSERT_TRUE(c) << c.error().message();
  ASSERT_TRUE(onnx::write_model(folder / "restored.onnx", onnx::with_int8_weights_restored(*small)));
  const auto e = Session::open(folder / "restored.onnx", {"cpu", 1, 1, false});
  ASSERT_TRUE(e) << e.error().message();
  const auto whole = (*a)->run(input), eighth = (*c)->run(input), restored = (*e)->run(input);
  ASSERT_TRUE(whole && eighth && restored);
  const auto relative = [](const Output& from, const Output& to) {
    double off = 0, size = 0;
    for (std::int64_t i = 0; i < from.view.elements(); ++i) {
      const double p = from.view.as<float>()[i], q = to.view.as<float>()[i];
      off += (p - q) * (p - q);
      size += p * p;
    }
    return std::sqrt(off / size);
  };
  EXPECT_LT(relative((*eighth)[0], (*restored)[0]), 1e-5) << "the graph computes with value × scale";
  // Weights are off by a bell curve's 0.5 % (27 a channel) and 0.7 % (432) of their deviation; sums of inputs above 0 cancel weights, not errors.
  EXPECT_GT(relative((*whole)[0], (*eighth)[0]), 1e-4) << "nothing was rounded";
  EXPECT_LT(relative((*whole)[0], (*eighth)[0]), 0.02);
}

TEST(Session, MissingEmptyAndTruncatedFilesAreNamed) {
  const Folder folder;
  const auto missing = Session::open(folder / "none.onnx");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::not_found);
  std::ofstream(folder / "empty.onnx");
  EXPECT_FALSE(Session::open(folder / "empty.onnx"));
  const std::string bytes = onnx::serialize(small());
  for (const double share : {0.1, 0.5, 0.9, 0.99}) {
    std::ofstream(folder / "cut.onnx", std::ios::binary) << bytes.substr(0, static_cast<std::size_t>(share * static_cast<double>(bytes.size())));
    const auto cut = Session::open(folder / "cut.onnx");
    ASSERT_FALSE(cut) << share;
    EXPECT_EQ(cut.error().code, Code::invalid);
    EXPECT_NE(cut.error().message().find("cut.onnx"), std::string::npos);
    EXPECT_NE(cut.error().message().find("truncated"), std::string::npos) << cut.error().message();
  }
  std::ofstream(folder / "text.onnx") << "<html>not found</html>";
  EXPECT_FALSE(Session::open(folder / "text.onnx"));
}

TEST(Session, AnUnknownOperatorIsNamedWithItsNode) {
  const Folder folder;
  onnx::Model model = small();
  for (onnx::Node& node : model.graph.nodes) {
    if (node.op != "Relu") continue;
    node.op = "Frobnicate";
    node.name = "head/odd";
  }
  ASSERT_TRUE(onnx::write_model(folder / "odd.onnx", model));
  const auto session = Session::open(folder / "odd.onnx");
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, Code::unsupported);
  EXPECT_NE(session.error().message().find("Frobnicate"), std::string::npos) << session.error().message();
  EXPECT_NE(session.error().message().find("head/odd"), std::string::npos) << session.error().message();
}

TEST(Session, ADeviceThatIsNotThereIsAnError) {
  const Folder folder;
  ASSERT_TRUE(onnx::write_model(folder / "m.onnx", small()));
  EXPECT_FALSE(Session::open(folder / "m.onnx", {"tpu", 1, 1, false}));
  const auto providers = runtime_providers();
  if (std::find(providers.begin(), providers.end(), "CUDAExecutionProvider") == providers.end()) {
    const auto cuda = Session::open(folder / "m.onnx", {"cuda", 1, 1, false});
    ASSERT_FALSE(cuda);
    EXPECT_EQ(cuda.error().code, Code::unsupported);
  }
}

TEST(Session, FitTakesTheGraphsFixedBatchAndChecksClasses) {
  const Folder folder;
  ASSERT_TRUE(onnx::write_model(folder / "m.onnx", small(4)));
  const auto session = Session::open(folder / "m.onnx", {"cpu", 1, 1, false});
  ASSERT_TRUE(session);
  const auto fitted = (*session)->fit(spec());
  ASSERT_TRUE(fitted) << fitted.error().message();
  EXPECT_EQ(fitted->input.shape[0], 4);
  EXPECT_EQ((*session)->suggested_batch(), 4);
  stac::ModelSpec five = spec();
  for (int i = 2; i < 5; ++i) five.output.classes.push_back({i, "more", ""});
  const auto wrong = (*session)->fit(five);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::incompatible);
}

TEST(Session, GivesWhatOnnxRuntimeGaveForSharedModels) {
  if (!fs::exists(models)) GTEST_SKIP() << "no shared models at " << models;
  for (const std::string name : {"unet_batchnorm_op14", "keras_unet_nhwc_op13", "smp_unet_mnv3s_op16"}) {
    const auto read = [&](const std::string& what) {
      std::ifstream file(models / (name + what), std::ios::binary);
      return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const std::string in = read(".input.npy");
    const std::string out = read(".output.npy");
    const auto session = Session::open(models / (name + ".onnx"), {"cpu", 2, 1, false});
    ASSERT_TRUE(session) << session.error().message();
    const auto header = [](const std::string& npy) {
      return std::size_t{10} + static_cast<unsigned char>(npy[8]) + 256U * static_cast<unsigned char>(npy[9]);
    };
    std::vector<float> pixels((in.size() - header(in)) / 4);
    std::memcpy(pixels.data(), in.data() + header(in), pixels.size() * 4);
    TensorView input{pixels.data(), DType::f32, 4, {}};
    const auto& shape = (*session)->info().inputs[0].shape;
    std::int64_t rest = 1;
    for (std::size_t i = 1; i < 4; ++i) rest *= input.shape[i] = shape[i];
    input.shape[0] = static_cast<std::int64_t>(pixels.size()) / rest;
    const auto outputs = (*session)->run(input);
    ASSERT_TRUE(outputs) << outputs.error().message();
    const TensorView& got = (*outputs)[0].view;
    ASSERT_EQ(static_cast<std::size_t>(got.elements()), (out.size() - header(out)) / 4) << name;
    for (std::int64_t i = 0; i < got.elements(); ++i) {
      float expected = 0;
      std::memcpy(&expected, out.data() + header(out) + i * 4, 4);
      ASSERT_NEAR(got.as<float>()[i], expected, 1e-4) << name;
    }
  }
}

}  // namespace
}  // namespace fair::infer
