#include "native/train/sync_batch_norm.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <vector>

namespace fair::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// All axes but the channels'.
std::vector<std::int64_t> others(const at::Tensor& x) {
  std::vector<std::int64_t> out{0};
  for (std::int64_t i = 2; i < x.dim(); ++i) out.push_back(i);
  return out;
}

/// One value a channel, as wide as `x` has axes.
at::Tensor spread_over(const at::Tensor& channels, const at::Tensor& x) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
  shape[1] = channels.numel();
  return channels.to(x.scalar_type()).view(shape);
}

class Normalise : public torch::autograd::Function<Normalise> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift,
                            const at::Tensor& running_mean, const at::Tensor& running_var, double momentum, double epsilon, std::int64_t group) {
    const c10::NoGradGuard no_grad;
    const auto axes = others(x);
    const auto channels = x.size(1);
    const at::Tensor rows = at::full({1}, static_cast<double>(x.numel() / channels), x.options().dtype(at::kDouble));
    const at::Tensor sums = at::cat({x.sum(axes, false, at::kDouble), x.square().sum(axes, false, at::kDouble), rows});
    reinterpret_cast<RankGroup*>(group)->sum(sums, "the other ranks' batch statistics");
    const at::Tensor n = sums.slice(0, 2 * channels);
    const at::Tensor mean = sums.slice(0, 0, channels) / n;
    const at::Tensor variance = (sums.slice(0, channels, 2 * channels) / n - mean.square()).clamp_min(0);
    const at::Tensor inverse = (variance + epsilon).rsqrt();
    running_mean.lerp_(mean.to(running_mean.scalar_type()), momentum);
    running_var.lerp_((variance * (n / (n - 1))).to(running_var.scalar_type()), momentum);
    context->save_for_backward({x, scale, mean, inverse, n});
    context->saved_data["group"] = group;
    return (x - spread_over(mean, x)) * spread_over(inverse * scale, x) + spread_over(shift, x);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &scale = saved[1], &mean = saved[2], &inverse = saved[3], &n = saved[4];
    const at::Tensor dy = gradients[0].to(x.scalar_type());
    const auto axes = others(x);
    const auto channels = x.size(1);
    const at::Tensor centred = x - spread_over(mean, x);
    const at::Tensor sums = at::cat({dy.sum(axes, false, at::kDouble), (dy * centred).sum(axes, false, at::kDouble)});
    // Scale and shift have their gradients added up with all other parameters'.
    const at::Tensor d_shift = sums.slice(0, 0, channels).to(scale.scalar_type(), /*non_blocking=*/false, /*copy=*/true);
    const at::Tensor d_scale = (sums.slice(0, channels) * inverse).to(scale.scalar_type());
    reinterpret_cast<RankGroup*>(context->saved_data["group"].toInt())->sum(sums, "the other ranks' batch gradients");
    const at::Tensor along = sums.slice(0, channels) / n * inverse.square();
    const at::Tensor dx = (dy - spread_over(sums.slice(0, 0, channels) / n, x) - centred * spread_over(along, x)) * spread_over(inverse * scale, x);
    return {dx, d_scale, d_shift, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor sync_batch_norm(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, const at::Tensor& running_mean,
                           const at::Tensor& running_var, const BatchNormOptions& options, RankGroup& group) {
  // The group outlives the pass: it is the trainer's.
  const at::Tensor y = Normalise::apply(x, scale, shift, running_mean, running_var, options.momentum, options.epsilon,
                                        static_cast<std::int64_t>(reinterpret_cast<std::intptr_t>(&group)));
  if (options.activation == Activation::silu) return at::silu(y);
  return options.activation == Activation::relu ? at::relu(y) : y;
}

}  // namespace fair::train
