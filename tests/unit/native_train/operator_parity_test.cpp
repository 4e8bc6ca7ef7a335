// Every operator of the trainer's table, in many forms, against ONNX Runtime; gradients against differences in float64.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "native/infer/session.h"
#include "native/onnx/counter_random.h"
#include "native/onnx/write.h"
#include "native/train/program.h"
#include "tests/unit/native_train/operator_case.h"

namespace {

using namespace fair;
using test::OperatorCase;

std::vector<OperatorCase> all_cases() {
  std::vector<OperatorCase> all;
  for (auto group : {test::window_cases(), test::resize_cases(), test::value_cases(), test::shape_cases()}) {
    for (auto& c : group) all.push_back(std::move(c));
  }
  return all;
}

/// Numbers that keep off each other, so that no maximum and no rounding hangs on the last bit.
at::Tensor fed(const OperatorCase& c) {
  std::int64_t n = 1;
  for (const auto size : c.x) n *= size;
  const onnx::CounterRandom dice(static_cast<std::uint64_t>(n), 11);
  auto x = at::empty(c.x, at::kFloat);
  for (std::int64_t i = 0; i < n; ++i)
    x.data_ptr<float>()[i] = c.low + (c.high - c.low) * static_cast<float>(dice.uniform(static_cast<std::uint64_t>(i)));
  return c.x_as == onnx::ElementType::f32 ? x : x.floor();
}

std::vector<at::Tensor> in_runtime(const onnx::Model& model, const at::Tensor& x) {
  const auto path = std::filesystem::temp_directory_path() / ("fair_operator_" + std::to_string(::getpid()) + ".onnx");
  const auto written = onnx::write_model(path, model);
  if (!written) throw std::runtime_error(written.error().message());
  auto session = infer::Session::open(path, {"cpu", 1, 1, false});
  std::filesystem::remove(path);
  if (!session) throw std::runtime_error(session.error().message());
  TensorView view;
  view.dtype = DType::f32;
  view.rank = static_cast<std::int32_t>(x.dim());
  for (std::int64_t i = 0; i < x.dim(); ++i) view.shape[static_cast<std::size_t>(i)] = x.size(i);
  view.data = x.data_ptr();
  auto ran = (*session)->run(view);
  if (!ran) throw std::runtime_error(ran.error().message());
  std::vector<at::Tensor> out;
  for (const auto& o : *ran) {
    const std::vector<std::int64_t> shape(o.view.shape.begin(), o.view.shape.begin() + o.view.rank);
    out.push_back(at::from_blob(const_cast<void*>(static_cast<const void*>(o.view.data)), shape, at::kFloat).clone());
  }
  return out;
}

train::Program compiled(const onnx::Model& model, at::ScalarType real) {
  train::ProgramOptions options;
  options.real = real;
  options.logits = false;
  options.learns = false;
  auto program = train::Program::compile(model, options);
  if (!program) throw std::runtime_error(program.error().message());
  return std::move(*program);
}

class Operator : public testing::TestWithParam<OperatorCase> {};

TEST_P(Operator, GivesWhatOnnxRuntimeGives) {
  const auto& c = GetParam();
  const auto model = test::model_of(c);
  const auto x = fed(c);
  const auto want = in_runtime(model, x);
  const auto program = compiled(model, at::kFloat);
  for (const bool channels_last : {false, true}) {
    if (channels_last && x.dim() != 4) continue;
    const auto got = program.run(channels_last ? x.contiguous(at::MemoryFormat::ChannelsLast) : x.clone());
    ASSERT_EQ(got.size(), want.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(got[i].sizes(), want[i].sizes()) << "output " << i;
      if (want[i].numel() == 0) continue;
      const double largest = std::max(1.0, want[i].abs().max().item<double>());
      EXPECT_LE((got[i] - want[i]).abs().max().item<double>(), 1e-5 * largest) << "output " << i << "\n" << got[i] << want[i];
    }
  }
}

TEST_P(Operator, HasTheGradientThatDifferencesGive) {
  const auto& c = GetParam();
  if (!c.gradient) GTEST_SKIP() << c.op << " has no gradient";
  const auto program = compiled(test::model_of(c), at::kDouble);
  auto x = fed(c).to(at::kDouble).set_requires_grad(true);
  at::Tensor weights;
  const auto value = [&](const at::Tensor& at) {
    const auto y = program.run(at)[0];
    if (!weights.defined()) weights = at::cos(at::arange(y.numel(), at::kDouble)).view(y.sizes());
    return (y * weights).sum();
  };
  value(x).backward();
  ASSERT_TRUE(x.grad().defined());
  const auto gradient = x.grad().contiguous();
  const at::NoGradGuard no_gradients;
  const double step = 1e-6;
  const auto n = x.numel();
  for (std::int64_t i = 0; i < n; i += std::max<std::int64_t>(1, n / 7)) {
    auto moved = x.detach().clone();
    moved.data_ptr<double>()[i] += step;
    const double up = value(moved).item<double>();
    moved.data_ptr<double>()[i] -= 2 * step;
    const double slope = (up - value(moved).item<double>()) / (2 * step);
    EXPECT_NEAR(gradient.data_ptr<double>()[i], slope, 1e-6 * std::max(1.0, std::abs(slope))) << "element " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, Operator, testing::ValuesIn(all_cases()), [](const auto& given) {
  return given.param.op + "_" + std::to_string(given.param.opset) + "_" + std::to_string(given.index);
});

TEST(OperatorTable, HasACaseForEveryOperator) {
  // Made from nothing that is fed, or needing more than one node: tested by the models and beside them.
  std::set<std::string> seen{"Constant"};
  for (const auto& c : all_cases()) seen.insert(c.op);
  for (const auto& o : train::all_operators()) EXPECT_TRUE(seen.count(std::string(o.op))) << o.op;
}

}  // namespace
