// The loops of batch_norm over rows of one pixel each: `channels` neighbouring floats.
#pragma once

#include <cstdint>

namespace fair::train::loops {

/// Adds up (x - origin) and its square by channel over the rows, in float64.
void add_moments(const float* x, const float* origin, std::int64_t rows, std::int64_t channels, double* sum, double* squares);

/// y = x * a + b, and max(0, ·) where `relu`.
void affine(const float* x, const float* a, const float* b, std::int64_t rows, std::int64_t channels, bool relu, float* y);

/// Adds up g and g * (x - mean), where g is dy, or 0 where `relu` cut x * a + b off.
void add_gradients(const float* x, const float* dy, const float* a, const float* b, const float* mean, std::int64_t rows, std::int64_t channels,
                   bool relu, double* sum, double* products);

/// dx = g * a + (x * p + q), where g is as above: what is left of the gradient after taking out its mean and its share along x.
void input_gradient(const float* x, const float* dy, const float* a, const float* b, const float* p, const float* q, std::int64_t rows,
                    std::int64_t channels, bool relu, float* dx);

}  // namespace fair::train::loops
