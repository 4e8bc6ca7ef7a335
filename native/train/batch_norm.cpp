#include "native/train/batch_norm.h"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace fair::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Values that one task works on: a share of a core's cache, and worth waking another thread for.
constexpr std::int64_t task_values = 32768;

struct Shape {
  std::int64_t rows, channels;
  /// Rows of one task: follows from the shape alone, so that sums do not depend on how many threads there are.
  std::int64_t task_rows;
  explicit Shape(const at::Tensor& x)
      : rows(x.numel() / x.size(1)), channels(x.size(1)), task_rows(std::max<std::int64_t>(64, task_values / channels)) {}
  [[nodiscard]] std::int64_t tasks() const { return (rows + task_rows - 1) / task_rows; }
  [[nodiscard]] std::int64_t rows_of(std::int64_t task) const { return std::min(task_rows, rows - task * task_rows); }
};

/// Runs `sum(task, first, second)` for every task and adds the results in order.
template <class Sum>
void reduce(const Shape& s, std::vector<double>& first, std::vector<double>& second, Sum sum) {
  const auto n = static_cast<std::size_t>(s.channels);
  std::vector<double> parts(static_cast<std::size_t>(s.tasks()) * 2 * n, 0.0);
  at::parallel_for(0, s.tasks(), 1, [&](std::int64_t from, std::int64_t to) {
    for (auto t = from; t < to; ++t) {
      double* part = parts.data() + static_cast<std::size_t>(t) * 2 * n;
      sum(t, part, part + n);
    }
  });
  first.assign(n, 0.0);
  second.assign(n, 0.0);
  for (std::int64_t t = 0; t < s.tasks(); ++t) {
    const double* part = parts.data() + static_cast<std::size_t>(t) * 2 * n;
    for (std::size_t c = 0; c < n; ++c) {
      first[c] += part[c];
      second[c] += part[n + c];
    }
  }
}

at::Tensor apply_affine(const at::Tensor& x, const std::vector<float>& a, const std::vector<float>& b, Activation f) {
  const Shape s(x);
  auto y = at::empty_like(x);
  const auto* from = x.data_ptr<float>();
  auto* to = y.data_ptr<float>();
  at::parallel_for(0, s.tasks(), 1, [&](std::int64_t first, std::int64_t last) {
    for (auto t = first; t < last; ++t) {
      const auto at = t * s.task_rows * s.channels;
      loops::affine(from + at, a.data(), b.data(), s.rows_of(t), s.channels, f, to + at);
    }
  });
  return y;
}

class FusedBatchNorm : public torch::autograd::Function<FusedBatchNorm> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift,
                            const at::Tensor& running_mean, const at::Tensor& running_var, double momentum, double epsilon, Activation f) {
    const c10::NoGradGuard no_gradients;
    const Shape s(x);
    const auto n = static_cast<std::size_t>(s.channels);
    const auto* values = x.data_ptr<float>();
    // Counting from the first pixel keeps the sums of squares small where the mean is large.
    const std::vector<float> origin(values, values + n);
    std::vector<double> sum;
    std::vector<double> squares;
    reduce(s, sum, squares, [&](std::int64_t t, double* first, double* second) {
      loops::add_moments(values + t * s.task_rows * s.channels, origin.data(), s.rows_of(t), s.channels, first, second);
    });
    auto mean = at::empty({s.channels}, x.options());
    auto inverse = at::empty({s.channels}, x.options());
    std::vector<float> a(n);
    std::vector<float> b(n);
    const auto rows = static_cast<double>(s.rows);
    auto* statistics_mean = running_mean.data_ptr<float>();
    auto* statistics_var = running_var.data_ptr<float>();
    for (std::size_t c = 0; c < n; ++c) {
      const double off = sum[c] / rows;
      const double m = static_cast<double>(origin[c]) + off;
      const double variance = std::max(0.0, squares[c] / rows - off * off);
      const double inv = 1.0 / std::sqrt(variance + epsilon);
      mean.data_ptr<float>()[c] = static_cast<float>(m);
      inverse.data_ptr<float>()[c] = static_cast<float>(inv);
      a[c] = static_cast<float>(static_cast<double>(scale.data_ptr<float>()[c]) * inv);
      b[c] = static_cast<float>(static_cast<double>(shift.data_ptr<float>()[c]) - m * static_cast<double>(scale.data_ptr<float>()[c]) * inv);
      const double unbiased = s.rows > 1 ? variance * rows / (rows - 1) : variance;
      statistics_mean[c] = static_cast<float>((1 - momentum) * static_cast<double>(statistics_mean[c]) + momentum * m);
      statistics_var[c] = static_cast<float>((1 - momentum) * static_cast<double>(statistics_var[c]) + momentum * unbiased);
    }
    context->save_for_backward({x, mean, inverse, at::tensor(a), at::tensor(b)});
    context->saved_data["activation"] = static_cast<std::int64_t>(f);
    context->saved_data["input learns"] = x.requires_grad();
    return apply_affine(x, a, b, f);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto& x = saved[0];
    const auto f = static_cast<Activation>(context->saved_data["activation"].toInt());
    const auto dy = gradients[0].to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
    const Shape s(x);
    const auto n = static_cast<std::size_t>(s.channels);
    const auto* xs = x.data_ptr<float>();
    const auto* gs = dy.data_ptr<float>();
    const auto* mean = saved[1].data_ptr<float>();
    const auto* inverse = saved[2].data_ptr<float>();
    const auto* a = saved[3].data_ptr<float>();
    const auto* b = saved[4].data_ptr<float>();
    std::vector<double> sum;
    std::vector<double> products;
    const bool input_learns = context->saved_data["input learns"].toBool();
    at::Tensor dx;
    if (input_learns || f == Activation::silu) dx = at::empty_like(x);
    auto* to = dx.defined() ? dx.data_ptr<float>() : nullptr;
    reduce(s, sum, products, [&](std::int64_t t, double* first, double* second) {
      const auto at = t * s.task_rows * s.channels;
      loops::add_gradients(xs + at, gs + at, a, b, mean, s.rows_of(t), s.channels, f, first, second, to != nullptr ? to + at : nullptr);
    });
    auto d_scale = at::empty({s.channels}, x.options());
    auto d_shift = at::empty({s.channels}, x.options());
    std::vector<float> p(n);
    std::vector<float> q(n);
    const auto rows = static_cast<double>(s.rows);
    for (std::size_t c = 0; c < n; ++c) {
      const auto inv = static_cast<double>(inverse[c]);
      d_scale.data_ptr<float>()[c] = static_cast<float>(products[c] * inv);
      d_shift.data_ptr<float>()[c] = static_cast<float>(sum[c]);
      const double along = -static_cast<double>(a[c]) * inv * inv * products[c] / rows;
      p[c] = static_cast<float>(along);
      q[c] = static_cast<float>(-static_cast<double>(a[c]) * sum[c] / rows - along * static_cast<double>(mean[c]));
    }
    if (input_learns) {
      at::parallel_for(0, s.tasks(), 1, [&](std::int64_t first, std::int64_t last) {
        for (auto t = first; t < last; ++t) {
          const auto at = t * s.task_rows * s.channels;
          loops::input_gradient(xs + at, gs + at, a, b, p.data(), q.data(), s.rows_of(t), s.channels, f, to + at);
        }
      });
    }
    return {input_learns ? dx : at::Tensor(), d_scale, d_shift, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

bool has_loops_of_our_own(const at::Tensor& x, const at::Tensor& scale) {
  return x.is_cpu() && x.scalar_type() == at::kFloat && scale.scalar_type() == at::kFloat && x.dim() == 4 && x.numel() > 0 && x.size(1) > 1 &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

at::Tensor batch_norm(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, const at::Tensor& running_mean,
                      const at::Tensor& running_var, const BatchNormOptions& options) {
  const bool learns = c10::GradMode::is_enabled() && (x.requires_grad() || scale.requires_grad());
  if (has_loops_of_our_own(x, scale)) {
    if (options.training)
      return FusedBatchNorm::apply(x, scale, shift, running_mean, running_var, options.momentum, options.epsilon, options.activation);
    if (!learns) {
      const auto a = scale.detach() * at::rsqrt(running_var + options.epsilon);
      const auto b = shift.detach() - running_mean * a;
      const auto list = [](const at::Tensor& t) { return std::vector<float>(t.data_ptr<float>(), t.data_ptr<float>() + t.numel()); };
      return apply_affine(x, list(a.contiguous()), list(b.contiguous()), options.activation);
    }
  }
  auto y = at::batch_norm(x, scale, shift, running_mean, running_var, options.training, options.momentum, options.epsilon, /*cudnn_enabled=*/true);
  if (options.activation == Activation::silu) return at::silu(y);
  return options.activation == Activation::relu ? at::relu_(y) : y;
}

}  // namespace fair::train
