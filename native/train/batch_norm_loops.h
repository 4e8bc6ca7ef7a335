// The loops of batch_norm over rows of one pixel each: `channels` neighbouring floats.
#pragma once

#include <cstdint>

namespace fair::train {

/// What follows a normalisation and is done on the way.
enum class Activation { none, relu, silu };

namespace loops {

/// Adds up (x - origin) and its square by channel over the rows, in float64.
void add_moments(const float* x, const float* origin, std::int64_t rows, std::int64_t channels, double* sum, double* squares);

/// y = f(x * a + b) where f is the activation.
void affine(const float* x, const float* a, const float* b, std::int64_t rows, std::int64_t channels, Activation f, float* y);

/// Adds up g and g * (x - mean), where g = dy * f'(x * a + b). For SiLU g is written to `kept` as well (else it may be null): its exponentials are
/// worth a pass over memory.
void add_gradients(const float* x, const float* dy, const float* a, const float* b, const float* mean, std::int64_t rows, std::int64_t channels,
                   Activation f, double* sum, double* products, float* kept);

/// dx = g * a + (x * p + q): what is left of the gradient after taking out its mean and its share along x. For SiLU dx holds g and dy is not read.
void input_gradient(const float* x, const float* dy, const float* a, const float* b, const float* p, const float* q, std::int64_t rows,
                    std::int64_t channels, Activation f, float* dx);

}  // namespace loops
}  // namespace fair::train
