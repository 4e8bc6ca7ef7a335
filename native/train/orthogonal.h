// A matrix's directions without their sizes.
#pragma once

#include <ATen/ATen.h>

namespace fair::train {

/// The matrix (rows x columns, float32 or float64) with its singular values brought near 1 (0.7 to 1.2; those below a thousandth of the matrix's norm
/// less far), its singular vectors kept: five Newton–Schulz steps with Muon's polynomial (Jordan et al. 2024). A matrix of zeros stays one.
[[nodiscard]] at::Tensor orthogonal(const at::Tensor& matrix);

}  // namespace fair::train
