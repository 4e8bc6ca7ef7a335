#include "native/train/optimizer.h"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cmath>

#include "native/train/orthogonal.h"
#include "native/train/threads.h"

namespace fair::train {
namespace {

constexpr std::int64_t grain = 16384;

// The build targets every x86-64; these few loops are worth a copy for wider registers, chosen when the program starts.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FAIR_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FAIR_WIDE
#endif

template <class T>
struct AdamStep {
  T scale, keep, l2, beta1, beta2, rate, root_scale, epsilon;
};

template <class T>
__attribute__((always_inline)) inline void adam_loop(T* __restrict p, const T* __restrict g, T* __restrict m, T* __restrict v, std::int64_t n,
                                                     const AdamStep<T>& s) {
  for (std::int64_t i = 0; i < n; ++i) {
    const T grad = s.scale * g[i] + s.l2 * p[i];
    const T first = m[i] + (grad - m[i]) * (T(1) - s.beta1);
    const T second = v[i] * s.beta2 + (T(1) - s.beta2) * grad * grad;
    m[i] = first;
    v[i] = second;
    p[i] = p[i] * s.keep - s.rate * (first / (std::sqrt(second) * s.root_scale + s.epsilon));
  }
}
FAIR_WIDE void adam(float* p, const float* g, float* m, float* v, std::int64_t n, const AdamStep<float>& s) { adam_loop(p, g, m, v, n, s); }
FAIR_WIDE void adam(double* p, const double* g, double* m, double* v, std::int64_t n, const AdamStep<double>& s) { adam_loop(p, g, m, v, n, s); }

template <class T>
__attribute__((always_inline)) inline void sgd_loop(T* __restrict p, const T* __restrict g, T* __restrict m, std::int64_t n, T scale, T rate,
                                                    T momentum, T decay) {
  for (std::int64_t i = 0; i < n; ++i) {
    m[i] = momentum * m[i] + (scale * g[i] + decay * p[i]);
    p[i] -= rate * m[i];
  }
}
FAIR_WIDE void sgd(float* p, const float* g, float* m, std::int64_t n, float scale, float rate, float momentum, float decay) {
  sgd_loop(p, g, m, n, scale, rate, momentum, decay);
}
FAIR_WIDE void sgd(double* p, const double* g, double* m, std::int64_t n, double scale, double rate, double momentum, double decay) {
  sgd_loop(p, g, m, n, scale, rate, momentum, decay);
}

/// A gradient laid out as its parameter is, so that both can be walked side by side.
at::Tensor laid_out_as(const at::Tensor& g, const at::Tensor& p) {
  if (g.strides() == p.strides() && g.scalar_type() == p.scalar_type()) return g;
  auto same = at::empty_like(p);
  same.copy_(g);
  return same;
}

}  // namespace

Result<OptimizerOptions> OptimizerOptions::from(const std::string& name) {
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  OptimizerOptions o;
  if (lower == "adamw") o.kind = Kind::adamw;
  else if (lower == "adam") o.kind = Kind::adam;
  else if (lower == "sgd") o.kind = Kind::sgd;
  else if (lower == "muon") o.kind = Kind::muon, o.momentum = 0.95;
  else return fail(Code::usage, "optimizer", "AdamW, Adam, SGD or Muon", "'" + name + "'");
  return o;
}

Optimizer::Optimizer(std::vector<NamedTensor> parameters, const OptimizerOptions& options) : parameters_(std::move(parameters)), options_(options) {
  for (const auto& p : parameters_) {
    first_.push_back(at::zeros_like(p.value.detach()));
    const bool momentum_alone = options.kind == OptimizerOptions::Kind::sgd || as_matrix(p.value);
    second_.push_back(momentum_alone ? at::Tensor() : at::zeros_like(p.value.detach()));
  }
}

double Optimizer::clip(double most) {
  const c10::NoGradGuard no_gradients;
  std::vector<at::Tensor> norms;
  for (const auto& p : parameters_) {
    if (p.value.grad().defined()) norms.push_back(p.value.grad().norm(2));
  }
  if (norms.empty()) return 0;
  const double norm = at::stack(norms).norm(2).item<double>();
  scale_ = most > 0 && norm > most ? most / (norm + 1e-6) : 1.0;
  return norm;
}

double Optimizer::decay_of(const at::Tensor& p) const { return options_.decay_vectors || p.dim() > 1 ? options_.weight_decay : 0.0; }

bool Optimizer::as_matrix(const at::Tensor& p) const {
  constexpr std::int64_t least = 16;
  return options_.kind == OptimizerOptions::Kind::muon && p.dim() > 1 && p.size(0) >= least && p.numel() / p.size(0) >= least;
}

void Optimizer::step_matrix(at::Tensor& p, const at::Tensor& g, at::Tensor& momentum, double learning_rate) const {
  momentum.mul_(options_.momentum).add_(g, scale_);
  const at::Tensor ahead = at::add(momentum * options_.momentum, g, scale_).reshape({p.size(0), -1});
  const at::Tensor direction = orthogonal(ahead).reshape(p.sizes());
  const auto longer = static_cast<double>(std::max(ahead.size(0), ahead.size(1)));
  p.mul_(1 - learning_rate * decay_of(p)).sub_(direction, 0.2 * std::sqrt(longer) * learning_rate);
}

void Optimizer::step_matrices(const std::vector<std::size_t>& which, double learning_rate) {
  const auto step_one = [&](std::size_t i) {
    at::Tensor p = parameters_[i].value;
    step_matrix(p, p.grad(), first_[i], learning_rate);
  };
  if (which.empty() || !parameters_[which.front()].value.is_cpu()) {
    std::for_each(which.begin(), which.end(), step_one);
    return;
  }
  // The products are small: a thread does better with one of its own than with a part of each. And what comes out is the same for any number of
  // threads.
  const ProductsInOneThread alone;
  std::vector<std::size_t> largest_first = which;
  std::stable_sort(largest_first.begin(), largest_first.end(),
                   [&](std::size_t a, std::size_t b) { return parameters_[a].value.numel() > parameters_[b].value.numel(); });
  std::atomic<std::size_t> next{0};
  at::parallel_for(0, at::get_num_threads(), 1, [&](std::int64_t, std::int64_t) {
    const c10::NoGradGuard no_gradients;  // each thread has its own
    for (std::size_t k = next++; k < largest_first.size(); k = next++) step_one(largest_first[k]);
  });
}

void Optimizer::step_on_cpu(at::Tensor& p, const at::Tensor& g, at::Tensor& first, at::Tensor& second, double learning_rate) const {
  const auto n = p.numel();
  const double decay = decay_of(p);
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    auto* values = p.data_ptr<T>();
    const auto* gradients = g.data_ptr<T>();
    auto* m = first.data_ptr<T>();
    if (options_.kind == OptimizerOptions::Kind::sgd) {
      at::parallel_for(0, n, grain, [&](std::int64_t a, std::int64_t b) {
        sgd(values + a, gradients + a, m + a, b - a, static_cast<T>(scale_), static_cast<T>(learning_rate), static_cast<T>(options_.momentum),
            static_cast<T>(decay));
      });
      return;
    }
    auto* v = second.data_ptr<T>();
    const double correction1 = 1 - std::pow(options_.beta1, static_cast<double>(steps_));
    const double correction2 = 1 - std::pow(options_.beta2, static_cast<double>(steps_));
    const AdamStep<T> s{static_cast<T>(scale_),
                        static_cast<T>(options_.decoupled() ? 1 - learning_rate * decay : 1),
                        static_cast<T>(options_.decoupled() ? 0 : decay),
                        static_cast<T>(options_.beta1),
                        static_cast<T>(options_.beta2),
                        static_cast<T>(learning_rate / correction1),
                        static_cast<T>(1 / std::sqrt(correction2)),
                        static_cast<T>(options_.epsilon)};
    at::parallel_for(0, n, grain, [&](std::int64_t a, std::int64_t b) { adam(values + a, gradients + a, m + a, v + a, b - a, s); });
  };
  if (p.scalar_type() == at::kDouble) run(double{});
  else run(float{});
}

void Optimizer::step_anywhere(at::Tensor& p, at::Tensor g, at::Tensor& first, at::Tensor& second, double learning_rate) const {
  const double decay = decay_of(p);
  if (scale_ != 1.0) g = g * scale_;
  if (!options_.decoupled() && decay != 0) g = g + p * decay;
  if (options_.kind == OptimizerOptions::Kind::sgd) {
    first.mul_(options_.momentum).add_(g);
    p.sub_(first * learning_rate);
    return;
  }
  const double correction1 = 1 - std::pow(options_.beta1, static_cast<double>(steps_));
  const double correction2 = 1 - std::pow(options_.beta2, static_cast<double>(steps_));
  if (options_.decoupled()) p.mul_(1 - learning_rate * decay);
  first.lerp_(g, 1 - options_.beta1);
  second.mul_(options_.beta2).addcmul_(g, g, 1 - options_.beta2);
  p.addcdiv_(first, second.sqrt().div_(std::sqrt(correction2)).add_(options_.epsilon), -learning_rate / correction1);
}

void Optimizer::step(double learning_rate) {
  const c10::NoGradGuard no_gradients;
  ++steps_;
  std::vector<std::size_t> matrices;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    auto p = parameters_[i].value;
    if (!p.grad().defined()) continue;
    if (as_matrix(p)) {
      matrices.push_back(i);
      continue;
    }
    const auto g = laid_out_as(p.grad(), p);
    const bool plain = p.is_cpu() && (p.scalar_type() == at::kFloat || p.scalar_type() == at::kDouble) && p.is_non_overlapping_and_dense();
    if (plain) step_on_cpu(p, g, first_[i], second_[i], learning_rate);
    else step_anywhere(p, g, first_[i], second_[i], learning_rate);
    p.mutable_grad() = at::Tensor();
  }
  step_matrices(matrices, learning_rate);
  for (const std::size_t i : matrices) parameters_[i].value.mutable_grad() = at::Tensor();
  scale_ = 1.0;
}

std::vector<NamedTensor> Optimizer::state() const {
  std::vector<NamedTensor> out;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    out.push_back(NamedTensor{parameters_[i].name + "/first", first_[i]});
    if (second_[i].defined()) out.push_back(NamedTensor{parameters_[i].name + "/second", second_[i]});
  }
  return out;
}

}  // namespace fair::train
