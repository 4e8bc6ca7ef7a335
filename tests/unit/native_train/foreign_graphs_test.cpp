// Third parties' graphs: forward as in ONNX Runtime, gradients as differences say, a loss that falls, a result that ONNX Runtime opens.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "native/launch/graph_engine.h"
#include "native/onnx/npy.h"
#include "native/onnx/read.h"
#include "native/train/graph_trial.h"
#include "native/train/program.h"
#include "tests/unit/native_train/npy.h"

namespace {

using namespace fair;
namespace fs = std::filesystem;
const fs::path folder = fs::path(FAIR_SHARED) / "models";

train::Program compiled(const onnx::Model& model, at::ScalarType real) {
  train::ProgramOptions options;
  options.real = real;
  options.logits = false;
  auto made = train::Program::compile(model, options);
  if (!made) throw std::runtime_error(made.error().message());
  return std::move(*made);
}

/// Gradients of five tensors across the depth against differences, in float64, of a mixture of all outputs.
void expect_gradients(const train::Program& graph, const at::Tensor& x) {
  const auto value = [&] {
    at::Tensor sum;
    for (const at::Tensor& y : graph.run(x)) {
      if (!at::isFloatingType(y.scalar_type())) continue;
      const at::Tensor part = (y * at::cos(at::arange(y.numel(), at::kDouble)).view(y.sizes())).sum();
      sum = sum.defined() ? sum + part : part;
    }
    return sum;
  };
  value().backward();
  const at::NoGradGuard no_gradients;
  const auto& all = graph.parameters();
  const auto last = all.size() - 1;
  double worst = 0;
  int judged = 0;
  for (const std::size_t which : {std::size_t{0}, last / 4, last / 2, last * 3 / 4, last}) {
    auto parameter = all[which].value;
    ASSERT_TRUE(parameter.grad().defined()) << all[which].name;
    // Along the gradient itself: every element of the tensor has its say.
    const auto gradient = parameter.grad().clone();
    const double slope = gradient.square().sum().item<double>();
    if (std::sqrt(slope) < 1e-9) continue;  // a bias that a normalisation takes out again
    // The right step for a graph of many kinks (each ReLU is one) is not known beforehand; a wrong gradient is wrong at every step.
    double off = 1;
    for (const double length : {1e-6, 1e-7, 1e-5, 1e-8, 1e-4}) {
      const double step = length / std::sqrt(slope);
      const auto before = parameter.clone();
      parameter.add_(gradient, step);
      const double up = value().item<double>();
      parameter.copy_(before).sub_(gradient, step);
      const double down = value().item<double>();
      parameter.copy_(before);
      off = std::min(off, std::abs((up - down) / (2 * step) - slope) / slope);
      if (off <= 1e-5) break;
    }
    worst = std::max(worst, off);
    ++judged;
    EXPECT_LE(off, 1e-4) << all[which].name << " " << slope;
  }
  EXPECT_GE(judged, 2) << "tensors with a gradient, of five";
  std::printf("worst of %d: %.1e relative\n", judged, worst);
}

class Foreign : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!fs::is_directory(folder)) GTEST_SKIP() << "no " << folder;
    auto read = onnx::read_model(path());
    ASSERT_TRUE(read) << read.error().message();
    model = std::move(*read);
  }
  [[nodiscard]] static fs::path path() { return folder / (std::string(GetParam()) + ".onnx"); }
  [[nodiscard]] static at::Tensor input() { return test::read_npy(folder / (std::string(GetParam()) + ".input.npy")); }
  [[nodiscard]] train::Program program(at::ScalarType real) const { return compiled(model, real); }
  onnx::Model model;
};

TEST_P(Foreign, RunsAsInOnnxRuntime) {
  const auto index = nlohmann::json::parse(std::ifstream(folder / "index.json"));
  double floor = -1;
  for (const auto& entry : index) {
    if (entry.at("name") == GetParam()) floor = entry.at("max_abs_diff_ort_optimised_vs_not").at(0).get<double>();
  }
  ASSERT_GE(floor, 0);
  const auto want = test::read_npy(folder / (std::string(GetParam()) + ".output.npy"));
  for (const bool channels_last : {false, true}) {
    auto x = input();
    if (channels_last) x = x.contiguous(at::MemoryFormat::ChannelsLast);
    const auto got = program(at::kFloat).run(x)[0];
    ASSERT_EQ(got.sizes(), want.sizes());
    const double allowed = std::max(1e-5 * want.abs().max().item<double>(), 3 * floor);
    const double off = (got - want).abs().max().item<double>();
    EXPECT_LE(off, allowed);
    if (channels_last) std::printf("off by %.2e, allowed %.2e\n", off, allowed);
  }
}

TEST_P(Foreign, GradientsAreWhatDifferencesSay) { expect_gradients(program(at::kDouble), input().to(at::kDouble)); }

TEST_P(Foreign, LearnsAndOpensAgain) {
  const auto x = onnx::read_npy(folder / (std::string(GetParam()) + ".input.npy"));
  ASSERT_TRUE(x) << x.error().message();
  train::TrialRequest request;
  request.model = path();
  request.output = fs::temp_directory_path() / ("fair_foreign_" + std::to_string(::getpid()) + ".onnx");
  request.steps = 20;
  const auto trial = train::try_training(request, *x);
  ASSERT_TRUE(trial) << trial.error().message();
  EXPECT_LT(trial->losses.back(), trial->losses.front());
  std::printf("loss %.4g to %.4g, %ld parameters, %.1f s\n", trial->losses.front(), trial->losses.back(), static_cast<long>(trial->parameters),
              trial->seconds);
  const auto again = launch::run_on_runtime(request.output, *x);
  const auto plain = launch::run_on_runtime(request.output, *x, false);
  fs::remove(request.output);
  ASSERT_TRUE(again) << again.error().message();
  ASSERT_TRUE(plain) << plain.error().message();
  const auto floor = launch::differences(*again, *plain).at(0);
  const auto off = launch::differences(*again, trial->outputs).at(0);
  EXPECT_LE(off.largest, std::max(1e-5 * off.magnitude, 3 * floor.largest)) << off.complaint;
}

/// Whatever lies in a folder: NAME.onnx with NAME.input.npy beside it.
TEST(ForeignFolder, GradientsAreWhatDifferencesSay) {
  const char* named = std::getenv("FAIR_GRAPHS");
  if (named == nullptr) GTEST_SKIP() << "FAIR_GRAPHS names no folder of graphs; tests/parity/graphs.py makes one";
  int tried = 0;
  for (const auto& entry : fs::directory_iterator(named)) {
    if (entry.path().extension() != ".onnx") continue;
    SCOPED_TRACE(entry.path().filename().string());
    const auto model = onnx::read_model(entry.path());
    ASSERT_TRUE(model) << model.error().message();
    fs::path input = entry.path();
    std::printf("%s: ", entry.path().stem().c_str());
    expect_gradients(compiled(*model, at::kDouble), test::read_npy(input.replace_extension(".input.npy")).to(at::kDouble));
    ++tried;
  }
  EXPECT_GT(tried, 0) << named;
}

INSTANTIATE_TEST_SUITE_P(ThirdParty, Foreign,
                         testing::Values("keras_unet_nhwc_op13", "keras_unet_upsample_nhwc_op15", "smp_unet_mnv3s_dynamo_op18", "smp_unet_mnv3s_op16",
                                         "tv_lraspp_mobilenet_v3_large_op17", "tv_mobilenet_v3_small_op13", "tv_resnet18w8_bnkept_dynamo_op18",
                                         "tv_resnet18w8_bnkept_op18", "tv_resnet18w8_dynamo_op18", "tv_resnet18w8_eval_op17",
                                         "tv_resnet18w8_trainmode_op16", "unet_batchnorm_op14", "unet_groupnorm_dynamo_op20", "unet_groupnorm_op15",
                                         "unet_instancenorm_op11", "unet_layernorm_op13", "unet_layernorm_op17", "yolo11n_nc1_op19",
                                         "yolov8n_nc2_op12"),
                         [](const auto& given) { return std::string(given.param); });

}  // namespace
