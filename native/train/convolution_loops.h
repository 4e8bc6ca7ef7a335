// The loops of a convolution's weight gradient over rows of pixels, `channels` neighbouring floats each.
#pragma once

#include <cstdint>

namespace fair::train::loops {

/// Adds, over a run of pixels, the products of every channel of x with every channel of dy:
/// sums[i * out + o] += Σ x[p * x_step + i] · dy[p * out + o]. `out` is a multiple of 8; `x_step` floats lie between the pixels of x.
void add_products(const float* x, std::int64_t x_step, const float* dy, std::int64_t pixels, std::int64_t in, std::int64_t out, float* sums);

}  // namespace fair::train::loops
