#include "native/train/convolution_loops.h"

#include <cstring>

#include "native/train/clones.h"

namespace fair::train::loops {
namespace {

constexpr int lanes = 8;
using Lanes = float __attribute__((vector_size(lanes * sizeof(float))));

/// `Rows` input channels by `Vectors` times eight output channels stay in registers while the pixels pass.
template <int Rows, int Vectors>
FAIR_IN_CLONES void tile(const float* x, std::int64_t x_step, const float* dy, std::int64_t pixels, std::int64_t out, float* sums) {
  Lanes sum[Rows][Vectors];
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) std::memcpy(&sum[r][v], sums + r * out + v * lanes, sizeof(Lanes));
  }
  for (std::int64_t p = 0; p < pixels; ++p, x += x_step, dy += out) {
    Lanes g[Vectors];
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) std::memcpy(&g[v], dy + v * lanes, sizeof(Lanes));
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v) sum[r][v] += g[v] * x[r];
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) std::memcpy(sums + r * out + v * lanes, &sum[r][v], sizeof(Lanes));
  }
}

template <int Vectors>
FAIR_IN_CLONES void column(const float* x, std::int64_t x_step, const float* dy, std::int64_t pixels, std::int64_t in, std::int64_t out,
                           float* sums) {
  // Six rows of two vectors are twelve of sixteen registers, and enough sums under way to hide an addition's latency.
  constexpr std::int64_t rows = 6;
  std::int64_t i = 0;
  for (; i + rows <= in; i += rows) tile<rows, Vectors>(x + i, x_step, dy, pixels, out, sums + i * out);
  switch (in - i) {
    case 1: return tile<1, Vectors>(x + i, x_step, dy, pixels, out, sums + i * out);
    case 2: return tile<2, Vectors>(x + i, x_step, dy, pixels, out, sums + i * out);
    case 3: return tile<3, Vectors>(x + i, x_step, dy, pixels, out, sums + i * out);
    case 4: return tile<4, Vectors>(x + i, x_step, dy, pixels, out, sums + i * out);
    case 5: return tile<5, Vectors>(x + i, x_step, dy, pixels, out, sums + i * out);
    default: return;
  }
}

}  // namespace

FAIR_CLONES("fma")
void add_products(const float* x, std::int64_t x_step, const float* dy, std::int64_t pixels, std::int64_t in, std::int64_t out, float* sums) {
  std::int64_t o = 0;
  for (; o + 2 * lanes <= out; o += 2 * lanes) column<2>(x, x_step, dy + o, pixels, in, out, sums + o);
  if (o < out) column<1>(x, x_step, dy + o, pixels, in, out, sums + o);
}

}  // namespace fair::train::loops
