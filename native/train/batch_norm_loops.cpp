#include "native/train/batch_norm_loops.h"

#include <algorithm>
#include <vector>

// The build targets every x86-64; these loops are worth a copy for wider registers, chosen when the program starts.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FAIR_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FAIR_WIDE
#endif

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

}  // namespace

void add_moments(const float* x, const float* origin, std::int64_t rows, std::int64_t channels, double* sum, double* squares) {
  Partial partial(channels);
  for (std::int64_t r = 0; r < rows; r += short_run) {
    moments(x + r * channels, origin, std::min(short_run, rows - r), channels, partial.first.data(), partial.second.data());
    partial.flush(sum, squares);
  }
}

void affine(const float* x, const float* a, const float* b, std::int64_t rows, std::int64_t channels, bool relu, float* y) {
  if (relu) affine_relu(x, a, b, rows, channels, y);
  else plain_affine(x, a, b, rows, channels, y);
}

void add_gradients(const float* x, const float* dy, const float* a, const float* b, const float* mean, std::int64_t rows, std::int64_t channels,
                   bool relu, double* sum, double* products) {
  Partial partial(channels);
  for (std::int64_t r = 0; r < rows; r += short_run) {
    const auto n = std::min(short_run, rows - r);
    const auto at = r * channels;
    if (relu) gradients_through_relu(x + at, dy + at, a, b, mean, n, channels, partial.first.data(), partial.second.data());
    else gradients(x + at, dy + at, mean, n, channels, partial.first.data(), partial.second.data());
    partial.flush(sum, products);
  }
}

void input_gradient(const float* x, const float* dy, const float* a, const float* b, const float* p, const float* q, std::int64_t rows,
                    std::int64_t channels, bool relu, float* dx) {
  if (relu) relu_input_gradient(x, dy, a, b, p, q, rows, channels, dx);
  else plain_input_gradient(x, dy, a, p, q, rows, channels, dx);
}

}  // namespace fair::train::loops
