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

/// Pixels that one task adds up: enough that adding up the tasks' sums costs little beside. Follows from the shape alone, so that sums do not depend
/// on how many threads there are.
constexpr std::int64_t task_pixels = 2048;
/// Floats of neighbouring pixels that stay in a core's first cache while every place of the kernel passes over them.
constexpr std::int64_t near_floats = 6144;
/// Where input and output have more channels together, too few pixels are near for these loops to be the faster ones.
constexpr std::int64_t most_channels = 256;

/// The loops take channels of one side by eight: the output's, or the input's where neighbouring pixels lie side by side.
bool by_output(std::int64_t out) { return out % 8 == 0; }
bool by_input(std::int64_t in, const ConvolutionSteps& steps) { return in % 8 == 0 && steps.stride[1] == 1; }

/// The weights' gradient, laid out as `like`.
at::Tensor weight_gradient(const at::Tensor& x, const at::Tensor& dy, const at::Tensor& like, const ConvolutionSteps& steps) {
  const auto in = x.size(1), height = x.size(2), width = x.size(3), out = dy.size(1), rows = dy.size(2), columns = dy.size(3);
  const auto kernel_rows = like.size(2), kernel_columns = like.size(3);
  const auto task_rows = std::max<std::int64_t>(1, task_pixels / columns), tasks = (x.size(0) * rows + task_rows - 1) / task_rows;
  const auto run = std::max<std::int64_t>(16, near_floats / (in + out));
  const bool straight = by_output(out);
  at::Tensor sums = at::zeros({tasks, kernel_rows, kernel_columns, straight ? in : out, straight ? out : in}, x.options());
  const auto* xs = x.data_ptr<float>();
  const auto* gs = dy.data_ptr<float>();
  auto* to = sums.data_ptr<float>();
  at::parallel_for(0, tasks, 1, [&](std::int64_t first, std::int64_t last) {
    const auto last_row = std::min(last * task_rows, x.size(0) * rows);
    for (auto row = first * task_rows; row < last_row; ++row) {
      auto* mine = to + row / task_rows * kernel_rows * kernel_columns * in * out;
      const auto image = row / rows;
      for (std::int64_t begin = 0; begin < columns; begin += run) {
        for (std::int64_t ky = 0; ky < kernel_rows; ++ky) {
          const auto y = row % rows * steps.stride[0] + ky - steps.pads[0];
          if (y < 0 || y >= height) continue;
          for (std::int64_t kx = 0; kx < kernel_columns; ++kx) {
            // Columns whose input is beside the image give nothing.
            const auto shift = kx - steps.pads[1], step = steps.stride[1];
            const auto from = std::max(begin, shift < 0 ? (-shift + step - 1) / step : 0);
            const auto until = std::min({begin + run, columns, shift < width ? (width - 1 - shift) / step + 1 : 0});
            if (from >= until) continue;
            const float* input = xs + ((image * height + y) * width + from * step + shift) * in;
            const float* output = gs + (row * columns + from) * out;
            float* products = mine + (ky * kernel_columns + kx) * in * out;
            if (straight) loops::add_products(input, step * in, output, until - from, in, out, products);
            else loops::add_products(output, out, input, until - from, out, in, products);
          }
        }
      }
    }
  });
  at::Tensor gradient = at::empty_like(like);
  sums = sums.sum(0);
  return gradient.copy_(straight ? sums.permute({3, 2, 0, 1}) : sums.permute({2, 3, 0, 1}));
}

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
      dx = std::get<0>(at::convolution_backward(dy, saved[0], saved[1], c10::nullopt, steps.stride, steps.pads, steps.dilation, false, {0, 0}, 1,
                                                {true, false, false}));
    }
    at::Tensor db;
    if (context->saved_data["bias learns"].toBool()) db = dy.sum({0, 2, 3});
    return {dx, weight_gradient(saved[0], dy, saved[1], steps), db, at::Tensor()};
  }
};

bool has_loops_of_our_own(const at::Tensor& x, const at::Tensor& weight, const ConvolutionSteps& steps) {
  const auto in = weight.size(1), out = weight.size(0);
  return c10::GradMode::is_enabled() && weight.requires_grad() && x.is_cpu() && x.scalar_type() == at::kFloat && weight.scalar_type() == at::kFloat &&
         x.dim() == 4 && x.numel() > 0 && x.is_contiguous(at::MemoryFormat::ChannelsLast) && !at::autocast::is_cpu_enabled() && steps.groups == 1 &&
         steps.dilation == std::vector<std::int64_t>{1, 1} && (by_output(out) || by_input(in, steps)) && in + out <= most_channels;
}

}  // namespace

at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, const c10::optional<at::Tensor>& bias, const ConvolutionSteps& steps) {
  if (has_loops_of_our_own(x, weight, steps)) return Convolution::apply(x, weight, bias, steps);
  return at::conv2d(x, weight, bias, steps.stride, steps.pads, steps.dilation, steps.groups);
}

}  // namespace fair::train
