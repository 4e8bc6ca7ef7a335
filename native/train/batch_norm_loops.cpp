#include "native/train/batch_norm_loops.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "native/train/clones.h"

#define FAIR_WIDE FAIR_CLONES("avx512f", "avx2")

namespace fair::train::loops {
namespace {

/// float32 sums of this many rows lose nothing that matters; from there on float64.
constexpr std::int64_t short_run = 64;

struct Partial {
  explicit Partial(std::int64_t channels) : first(static_cast<std::size_t>(channels)), second(static_cast<std::size_t>(channels)) {}
  void flush(double* a, double* b) {
    for (std::size_t c = 0; c < first.size(); ++c) {
      a[c] += static_cast<double>(first[c]);
      b[c] += static_cast<double>(second[c]);
    }
    std::fill(first.begin(), first.end(), 0.0F);
    std::fill(second.begin(), second.end(), 0.0F);
  }
  std::vector<float> first, second;
};

/// 1 / (1 + e^-v), to 2e-7 of it, in steps that a compiler makes wide: e^x = 2^n e^r, r within half a binary order, e^r as its series.
FAIR_IN_CLONES float logistic(float v) {
  constexpr float shifter = 12582912.0F;  // 1.5 · 2^23: what is added to it is rounded to a whole number, in the lowest bits
  // Held within 87 of 0, beyond which nothing changes; as whole numbers, which keeps the loops around it wide.
  const auto bits = std::bit_cast<std::int32_t>(v);
  const std::int32_t magnitude = bits & 0x7fffffff;
  constexpr std::int32_t most = std::bit_cast<std::int32_t>(87.0F);
  const float held = std::bit_cast<float>(magnitude < most ? magnitude : most);
  const float x = bits < 0 ? held : -held;
  const float shifted = x * 1.44269504F + shifter;
  const float n = shifted - shifter;
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;  // ln 2 in two parts
  const float series = 1.0F + r * (1.0F + r * (0.5F + r * (1.0F / 6 + r * (1.0F / 24 + r * (1.0F / 120 + r * (1.0F / 720 + r * (1.0F / 5040)))))));
  const float power = std::bit_cast<float>((std::bit_cast<std::uint32_t>(shifted) << 23U) + 0x3f800000U);
  return 1.0F / (1.0F + power * series);
}

FAIR_WIDE void moments(const float* __restrict x, const float* __restrict origin, std::int64_t rows, std::int64_t channels, float* __restrict sum,
                       float* __restrict squares) {
  for (std::int64_t r = 0; r < rows; ++r, x += channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const float d = x[c] - origin[c];
      sum[c] += d;
      squares[c] += d * d;
    }
  }
}

FAIR_WIDE void gradients(const float* __restrict x, const float* __restrict dy, const float* __restrict mean, std::int64_t rows,
                         std::int64_t channels, float* __restrict sum, float* __restrict products) {
  for (std::int64_t r = 0; r < rows; ++r, x += channels, dy += channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      sum[c] += dy[c];
      products[c] += dy[c] * (x[c] - mean[c]);
    }
  }
}

FAIR_WIDE void gradients_through_relu(const float* __restrict x, const float* __restrict dy, const float* __restrict a, const float* __restrict b,
                                      const float* __restrict mean, std::int64_t rows, std::int64_t channels, float* __restrict sum,
                                      float* __restrict products) {
  for (std::int64_t r = 0; r < rows; ++r, x += channels, dy += channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const float g = x[c] * a[c] + b[c] > 0.0F ? dy[c] : 0.0F;
      sum[c] += g;
      products[c] += g * (x[c] - mean[c]);
    }
  }
}

FAIR_WIDE void gradients_through_silu(const float* __restrict x, const float* __restrict dy, const float* __restrict a, const float* __restrict b,
                                      const float* __restrict mean, std::int64_t rows, std::int64_t channels, float* __restrict sum,
                                      float* __restrict products, float* __restrict kept) {
  for (std::int64_t r = 0; r < rows; ++r, x += channels, dy += channels, kept += channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const float v = x[c] * a[c] + b[c];
      const float s = logistic(v);
      const float g = dy[c] * (s * (1.0F + v * (1.0F - s)));
      sum[c] += g;
      products[c] += g * (x[c] - mean[c]);
      kept[c] = g;
    }
  }
}

FAIR_WIDE void plain_affine(const float* __restrict x, const float* __restrict a, const float* __restrict b, std::int64_t rows, std::int64_t channels,
                            float* __restrict y) {
  for (std::int64_t r = 0; r < rows; ++r, x += channels, y += channels) {
    for (std::int64_t c = 0; c < channels; ++c) y[c] = x[c] * a[c] + b[c];
  }
}

FAIR_WIDE void affine_relu(const float* __restrict x, const float* __restrict a, const float* __restrict b, std::int64_t rows, std::int64_t channels,
                           float* __restrict y) {
  for (std::int64_t r = 0; r < rows; ++r, x += channels, y += channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const float v = x[c] * a[c] + b[c];
      y[c] = v > 0.0F ? v : 0.0F;
    }
  }
}

FAIR_WIDE void affine_silu(const float* __restrict x, const float* __restrict a, const float* __restrict b, std::int64_t rows, std::int64_t channels,
                           float* __restrict y) {
  for (std::int64_t r = 0; r < rows; ++r, x += channels, y += channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const float v = x[c] * a[c] + b[c];
      y[c] = v * logistic(v);
    }
  }
}

FAIR_WIDE void plain_input_gradient(const float* __restrict x, const float* __restrict dy, const float* __restrict a, const float* __restrict p,
                                    const float* __restrict q, std::int64_t rows, std::int64_t channels, float* __restrict dx) {
  for (std::int64_t r = 0; r < rows; ++r, x += channels, dy += channels, dx += channels) {
    for (std::int64_t c = 0; c < channels; ++c) dx[c] = dy[c] * a[c] + (x[c] * p[c] + q[c]);
  }
}

FAIR_WIDE void relu_input_gradient(const float* __restrict x, const float* __restrict dy, const float* __restrict a, const float* __restrict b,
                                   const float* __restrict p, const float* __restrict q, std::int64_t rows, std::int64_t channels,
                                   float* __restrict dx) {
  for (std::int64_t r = 0; r < rows; ++r, x += channels, dy += channels, dx += channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const float g = x[c] * a[c] + b[c] > 0.0F ? dy[c] : 0.0F;
      dx[c] = g * a[c] + (x[c] * p[c] + q[c]);
    }
  }
}

FAIR_WIDE void kept_input_gradient(const float* __restrict x, const float* __restrict a, const float* __restrict p, const float* __restrict q,
                                   std::int64_t rows, std::int64_t channels, float* __restrict dx) {
  for (std::int64_t r = 0; r < rows; ++r, x += channels, dx += channels) {
    for (std::int64_t c = 0; c < channels; ++c) dx[c] = dx[c] * a[c] + (x[c] * p[c] + q[c]);
  }
}

}  // namespace

void add_moments(const float* x, const float* origin, std::int64_t rows, std::int64_t channels, double* sum, double* squares) {
  Partial partial(channels);
  for (std::int64_t r = 0; r < rows; r += short_run) {
    moments(x + r * channels, origin, std::min(short_run, rows - r), channels, partial.first.data(), partial.second.data());
    partial.flush(sum, squares);
  }
}

void affine(const float* x, const float* a, const float* b, std::int64_t rows, std::int64_t channels, Activation f, float* y) {
  if (f == Activation::relu) affine_relu(x, a, b, rows, channels, y);
  else if (f == Activation::silu) affine_silu(x, a, b, rows, channels, y);
  else plain_affine(x, a, b, rows, channels, y);
}

void add_gradients(const float* x, const float* dy, const float* a, const float* b, const float* mean, std::int64_t rows, std::int64_t channels,
                   Activation f, double* sum, double* products, float* kept) {
  Partial partial(channels);
  for (std::int64_t r = 0; r < rows; r += short_run) {
    const auto n = std::min(short_run, rows - r);
    const auto at = r * channels;
    if (f == Activation::relu) gradients_through_relu(x + at, dy + at, a, b, mean, n, channels, partial.first.data(), partial.second.data());
    else if (f == Activation::silu)
      gradients_through_silu(x + at, dy + at, a, b, mean, n, channels, partial.first.data(), partial.second.data(), kept + at);
    else gradients(x + at, dy + at, mean, n, channels, partial.first.data(), partial.second.data());
    partial.flush(sum, products);
  }
}

void input_gradient(const float* x, const float* dy, const float* a, const float* b, const float* p, const float* q, std::int64_t rows,
                    std::int64_t channels, Activation f, float* dx) {
  if (f == Activation::relu) relu_input_gradient(x, dy, a, b, p, q, rows, channels, dx);
  else if (f == Activation::silu) kept_input_gradient(x, a, p, q, rows, channels, dx);
  else plain_input_gradient(x, dy, a, p, q, rows, channels, dx);
}

}  // namespace fair::train::loops
