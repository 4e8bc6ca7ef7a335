#include "native/train/orthogonal.h"

#include <cmath>

namespace fair::train {

at::Tensor orthogonal(const at::Tensor& matrix) {
  // a x + b x^3 + c x^5 of the singular values, five times over.
  constexpr int steps = 5;
  constexpr double a = 3.4445, b = -4.7750, c = 2.0315;
  const bool tall = matrix.size(0) > matrix.size(1);
  const at::Tensor wide = tall ? matrix.t() : matrix;
  const at::Tensor across = wide.t();
  // Each step is a product from the left with a polynomial in the square matrix X X'. All of them commute, so the steps are taken on the small square
  // matrices alone, and the long one is read twice instead of ten times.
  at::Tensor square = wide.mm(across);
  const double norm = std::sqrt(square.trace().item<double>()) + 1e-7;
  square.div_(norm * norm);
  at::Tensor product;
  for (int step = 0; step < steps; ++step) {
    at::Tensor factor = square.mm(square).mul_(c).add_(square, b);
    factor.diagonal().add_(a);
    product = product.defined() ? factor.mm(product) : factor;
    if (step + 1 < steps) square = factor.mm(square).mm(factor);
  }
  product.div_(norm);
  return tall ? across.mm(product) : product.mm(wide);
}

}  // namespace fair::train
