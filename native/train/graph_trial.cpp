#include "native/train/graph_trial.h"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "native/onnx/counter_random.h"
#include "native/onnx/int8_weights.h"
#include "native/onnx/read.h"
#include "native/onnx/untied_weights.h"
#include "native/onnx/write.h"
#include "native/train/optimizer.h"
#include "native/train/program.h"
#include "native/train/threads.h"

namespace fair::train {
namespace {

/// LibTorch's exceptions end here, in its first line.
template <class Work>
auto told(const std::filesystem::path& model, const char* expected, Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& e) {
    std::string what = e.what();
    what.resize(std::min(what.find('\n'), what.size()));
    return fail(Code::invalid, model.string(), expected, what, "check the input's shape against the graph's (fair graph info)");
  }
}

onnx::Tensor to_onnx(const at::Tensor& value) {
  onnx::Tensor out;
  const auto plain = value.detach().to(at::kCPU).contiguous();
  switch (plain.scalar_type()) {
    case at::kFloat: out.type = onnx::ElementType::f32; break;
    case at::kDouble: out.type = onnx::ElementType::f64; break;
    case at::kLong: out.type = onnx::ElementType::i64; break;
    case at::kInt: out.type = onnx::ElementType::i32; break;
    case at::kShort: out.type = onnx::ElementType::i16; break;
    case at::kChar: out.type = onnx::ElementType::i8; break;
    case at::kByte: out.type = onnx::ElementType::u8; break;
    case at::kBool: out.type = onnx::ElementType::boolean; break;
    default: throw Unsupported("an output of another type");
  }
  out.dims = plain.sizes().vec();
  out.raw.assign(static_cast<const char*>(plain.data_ptr()), static_cast<std::size_t>(plain.nbytes()));
  return out;
}

std::vector<onnx::Tensor> named(const Tensors& values, const onnx::Model& model) {
  std::vector<onnx::Tensor> out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    out.push_back(to_onnx(values[i]));
    out.back().name = model.graph.outputs[i].name;
  }
  return out;
}

/// An output's mean and spread, of each channel (axis 1) where there are values enough: a detector's boxes count in pixels, its scores in shares of
/// one, and neither is to be drawn to the other's numbers.
struct Spread {
  at::Tensor mean, deviation;

  explicit Spread(const at::Tensor& output) {
    constexpr std::int64_t enough = 16;
    std::vector<std::int64_t> axes;
    for (std::int64_t axis = 0; axis < output.dim(); ++axis) {
      if (axis != 1) axes.push_back(axis);
    }
    const bool by_channel = output.dim() > 2 && output.numel() / output.size(1) >= enough;
    mean = by_channel ? output.mean(axes, true) : output.mean();
    // One number has no spread: its own size is the unit.
    if (output.numel() < 2) deviation = output.abs().mean();
    else deviation = by_channel ? output.std(axes, false, true) : output.std();
    deviation = deviation.clamp_min(1e-3);
  }
};

/// The sum over outputs of the mean square distance from random numbers of the output's own mean and spread, in units of that spread: no loss is
/// large only because its unit is small.
class RandomTarget {
 public:
  RandomTarget(const Tensors& outputs, std::uint64_t seed) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const auto& y = outputs[i];
      if (!y.requires_grad() || y.numel() == 0) {
        units_.emplace_back();
        targets_.emplace_back();
        continue;
      }
      const Spread spread(y.detach());
      const onnx::CounterRandom dice(seed, i);
      auto target = at::empty(y.sizes(), at::kFloat);
      for (std::int64_t n = 0; n < y.numel(); ++n) target.data_ptr<float>()[n] = static_cast<float>(dice.normal(static_cast<std::uint64_t>(n)));
      units_.push_back(spread.deviation);
      targets_.push_back(target + spread.mean / spread.deviation);
    }
  }
  [[nodiscard]] bool nothing_learns() const {
    return std::none_of(targets_.begin(), targets_.end(), [](const auto& t) { return t.defined(); });
  }
  [[nodiscard]] at::Tensor loss(const Tensors& outputs) const {
    at::Tensor total;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (!targets_[i].defined()) continue;
      const auto part = (outputs[i] / units_[i] - targets_[i]).square().mean();
      total = total.defined() ? total + part : part;
    }
    return total;
  }

 private:
  Tensors units_, targets_;
};

/// The weights a program begins with.
class Start {
 public:
  explicit Start(const Program& program) : tensors_(program.parameters()) {
    for (const NamedTensor& t : tensors_) values_.push_back(t.value.detach().clone());
  }
  void restore() const {
    const c10::NoGradGuard no_gradients;
    for (std::size_t i = 0; i < values_.size(); ++i) tensors_[i].value.detach().copy_(values_[i]);
  }

 private:
  std::vector<NamedTensor> tensors_;
  std::vector<at::Tensor> values_;
};

/// Losses before each step and after the last; ends at one that is no number.
std::vector<double> descend(const Program& program, const at::Tensor& x, const RandomTarget& target, int steps, double rate) {
  Optimizer optimizer(program.parameters(), OptimizerOptions{});
  std::vector<double> losses;
  for (int step = 0; step < steps; ++step) {
    const auto loss = target.loss(program.run(x));
    losses.push_back(loss.item<double>());
    if (!std::isfinite(losses.back())) return losses;
    loss.backward();
    optimizer.clip(1.0);
    optimizer.step(rate);
  }
  const c10::NoGradGuard no_gradients;
  losses.push_back(target.loss(program.run(x)).item<double>());
  return losses;
}

Result<TrainingTrial> train(const TrialRequest& request, const onnx::Tensor& input) {
  use_threads(0);
  FAIR_TRY_ASSIGN(onnx::Model model, onnx::read_model(request.model));
  model = onnx::with_weights_untied(onnx::with_int8_weights_restored(std::move(model)));
  ProgramOptions options;
  options.logits = false;
  FAIR_TRY_ASSIGN(Program program, Program::compile(model, options));
  auto x = to_tensor(input, at::kFloat);
  if (x.dim() == 4) x = x.contiguous(at::MemoryFormat::ChannelsLast);
  // By running statistics, so that a batch of one image tells as much as a large one.
  program.set_training(false);
  const RandomTarget target(program.run(x), request.seed);
  if (target.nothing_learns()) {
    return fail(Code::unsupported, request.model.string(), "an output that depends on weights smoothly", "none",
                "export the model without its last step (argmax, thresholds, selection of boxes)");
  }
  TrainingTrial trial;
  const auto start = std::chrono::steady_clock::now();
  const Start weights(program);
  // How large a step a graph bears depends on how its weights are scaled, which nothing says beforehand.
  for (const double share : {1.0, 0.1, 0.01}) {
    trial.learning_rate = share * request.learning_rate;
    trial.losses = descend(program, x, target, request.steps, trial.learning_rate);
    if (trial.losses.back() < trial.losses.front()) break;
    if (share > 0.05) weights.restore();
  }
  if (!std::isfinite(trial.losses.back())) {
    return fail(Code::invalid, request.model.string(), "a finite loss",
                std::to_string(trial.losses.back()) + " after " + std::to_string(trial.losses.size() - 1) + " steps", "check the graph's weights");
  }
  const c10::NoGradGuard no_gradients;
  const auto outputs = program.run(x);
  trial.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  trial.outputs = named(Tensors(outputs.begin(), outputs.begin() + static_cast<std::ptrdiff_t>(model.graph.outputs.size())), model);
  for (const auto& p : program.parameters()) {
    ++trial.tensors;
    trial.parameters += p.value.numel();
  }
  if (!request.output.empty()) {
    program.write_back(model);
    FAIR_TRY(onnx::write_model(request.output, model));
  }
  return trial;
}

}  // namespace

Result<std::vector<onnx::Tensor>> run_graph(const std::filesystem::path& path, const onnx::Tensor& input) {
  return told(path, "a graph that LibTorch runs on this input", [&]() -> Result<std::vector<onnx::Tensor>> {
    use_threads(0);
    FAIR_TRY_ASSIGN(const onnx::Model model, onnx::read_model(path));
    ProgramOptions options;
    options.logits = false;
    options.learns = false;
    FAIR_TRY_ASSIGN(const Program program, Program::compile(model, options));
    const c10::NoGradGuard no_gradients;
    return named(program.run(to_tensor(input, at::kFloat)), model);
  });
}

Result<TrainingTrial> try_training(const TrialRequest& request, const onnx::Tensor& input) {
  return told(request.model, "a graph that learns", [&] { return train(request, input); });
}

std::vector<OperatorInfo> operator_table() {
  std::vector<OperatorInfo> out;
  for (const auto& o : all_operators()) out.push_back({std::string(o.op), o.since, std::string(o.note)});
  return out;
}

}  // namespace fair::train
