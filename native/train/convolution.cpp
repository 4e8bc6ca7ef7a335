#include "native/train/convolution.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "native/train/convolution_loops.h"

namespace fair::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Pixels that one task adds up: enough that adding up the tasks' sums costs little beside. And the most tasks, each of which has sums of its own.
constexpr std::int64_t task_pixels = 2048, most_tasks = 64;
/// Floats of neighbouring pixels that stay in a core's first cache while every place of the kernel passes over them.
constexpr std::int64_t near_floats = 6144;
/// Where input and output have more channels together, too few pixels are near for these loops to be the faster ones.
constexpr std::int64_t most_channels = 256;

/// Loops by output channels, or by input channels where those of neighbouring pixels follow each other.
bool by_output(std::int64_t out) { return out % 8 == 0; }

/// Goes over the rows of the output. Sums lie as (kernel's height, kernel's width, in, out), by input channels as (…, out, in).
struct WeightSums {
  const float *x, *dy;
  std::int64_t in, out, height, width, rows, columns, kernel_rows, kernel_columns;
  const ConvolutionSteps& steps;

  /// Adds what `count` outputs from column `begin` on have to do with the kernel's place (ky, kx). Inputs beside the image are nothing.
  void add_place(std::int64_t row, std::int64_t begin, std::int64_t count, std::int64_t ky, std::int64_t kx, float* sums) const {
    const auto y = row % rows * steps.stride[0] + ky - steps.pads[0], shift = kx - steps.pads[1], step = steps.stride[1];
    if (y < 0 || y >= height) return;
    const auto from = std::max(begin, shift < 0 ? (-shift + step - 1) / step : 0);
    const auto until = std::min({begin + count, columns, shift < width ? (width - 1 - shift) / step + 1 : 0});
    if (from >= until) return;
    const float* input = x + ((row / rows * height + y) * width + from * step + shift) * in;
    const float* output = dy + (row * columns + from) * out;
    if (by_output(out)) loops::add_products(input, step * in, output, until - from, in, out, sums);
    else loops::add_products(output, out, input, until - from, out, in, sums);
  }

  void add_row(std::int64_t row, float* sums) const {
    const auto run = std::max<std::int64_t>(16, near_floats / (in + out)), places = kernel_rows * kernel_columns;
    for (std::int64_t begin = 0; begin < columns; begin += run) {
      for (std::int64_t p = 0; p < places; ++p) add_place(row, begin, run, p / kernel_columns, p % kernel_columns, sums + p * in * out);
    }
  }
};

class Convolution : public torch::autograd::Function<Convolution> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight, const c10::optional<at::Tensor>& bias,
                            const ConvolutionSteps& steps) {
    const c10::NoGradGuard no_gradients;
    context->save_for_backward({x, weight});
    context->saved_data["stride"] = steps.stride;
    context->saved_data["pads"] = steps.pads;
    context->saved_data["input learns"] = x.requires_grad();
    context->saved_data["bias learns"] = bias.has_value() && bias->requires_grad();
    return at::conv2d(x, weight, bias, steps.stride, steps.pads, steps.dilation, steps.groups);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const ConvolutionSteps steps{context->saved_data["stride"].toIntVector(), context->saved_data["pads"].toIntVector(), {1, 1}, 1};
    const auto dy = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    at::Tensor dx;
    if (context->saved_data["input learns"].toBool()) {
      dx = std::get<0>(
          at::convolution_backward(dy, saved[0], saved[1], {}, steps.stride, steps.pads, steps.dilation, false, {0, 0}, 1, {true, false, false}));
    }
    at::Tensor db;
    if (context->saved_data["bias learns"].toBool()) db = dy.sum({0, 2, 3});
    return {dx, weight_gradient(saved[0], dy, saved[1], steps), db, at::Tensor()};
  }
};

bool has_loops_of_our_own(const at::Tensor& x, const at::Tensor& weight, const ConvolutionSteps& steps) {
  return c10::GradMode::is_enabled() && weight.requires_grad() && x.is_cpu() && x.scalar_type() == at::kFloat && weight.scalar_type() == at::kFloat &&
         x.dim() == 4 && x.numel() > 0 && x.is_contiguous(at::MemoryFormat::ChannelsLast) && !at::autocast::is_cpu_enabled() &&
         x.size(1) + weight.size(0) <= most_channels && has_weight_gradient(x.size(1), weight.size(0), steps);
}

}  // namespace

bool has_weight_gradient(std::int64_t in, std::int64_t out, const ConvolutionSteps& steps) {
  return steps.groups == 1 && steps.dilation == std::vector<std::int64_t>{1, 1} && (by_output(out) || (in % 8 == 0 && steps.stride[1] == 1));
}

at::Tensor weight_gradient(const at::Tensor& x, const at::Tensor& dy, const at::Tensor& weight, const ConvolutionSteps& steps) {
  const WeightSums of{x.data_ptr<float>(), dy.data_ptr<float>(), x.size(1),      dy.size(1),     x.size(2), x.size(3),
                      dy.size(2),          dy.size(3),           weight.size(2), weight.size(3), steps};
  // Follows from the shape alone, so that sums do not depend on how many threads there are.
  const auto rows = x.size(0) * of.rows;
  const auto task_rows = std::max<std::int64_t>({1, task_pixels / of.columns, (rows + most_tasks - 1) / most_tasks});
  const auto tasks = (rows + task_rows - 1) / task_rows;
  at::Tensor sums = at::zeros({tasks, of.kernel_rows, of.kernel_columns, of.in * of.out}, x.options());
  auto* parts = sums.data_ptr<float>();
  at::parallel_for(0, tasks, 1, [&](std::int64_t first, std::int64_t last) {
    for (auto row = first * task_rows; row < std::min(last * task_rows, rows); ++row) {
      of.add_row(row, parts + row / task_rows * weight.numel());
    }
  });
  const at::Tensor all = sums.sum(0);
  at::Tensor gradient = at::empty_like(weight);
  return gradient.copy_(by_output(of.out) ? all.unflatten(2, {of.in, of.out}).permute({3, 2, 0, 1})
                                          : all.unflatten(2, {of.out, of.in}).permute({2, 3, 0, 1}));
}

bool prefers_own_loops() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("fma") && !__builtin_cpu_supports("avx512f");
#else
  return false;
#endif
}

at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, const c10::optional<at::Tensor>& bias, const ConvolutionSteps& steps,
                       bool own_loops) {
  if (own_loops && has_loops_of_our_own(x, weight, steps)) return Convolution::apply(x, weight, bias, steps);
  return at::conv2d(x, weight, bias, steps.stride, steps.pads, steps.dilation, steps.groups);
}

}  // namespace fair::train
