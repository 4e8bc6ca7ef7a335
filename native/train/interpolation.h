// Where each output position of a resized axis reads from, and with which weights.
// Spec: https://github.com/onnx/onnx/blob/main/docs/Operators.md#Resize
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

namespace fair::train::operators {

/// One axis that changes its size. Computed in float32, as ONNX Runtime does: near halves the result depends on it.
struct ResizedAxis {
  std::int64_t axis = 0, in = 0, out = 0;
  float scale = 1;
  std::string transform = "half_pixel";  ///< coordinate_transformation_mode
  float start = 0, end = 1;              ///< of the region, for tf_crop_and_resize

  /// The input position that output `i` asks for; may lie outside the input.
  [[nodiscard]] float source(std::int64_t i) const;
  /// With tf_crop_and_resize: is it outside, where the extrapolation value goes?
  [[nodiscard]] bool outside(std::int64_t i) const;
};

/// For each output position the input position it copies. `rounding` is ONNX's nearest_mode.
[[nodiscard]] std::vector<std::int64_t> nearest_positions(const ResizedAxis& axis, const std::string& rounding);

/// Weighted neighbours of each output position.
struct Taps {
  std::int64_t count = 0;              ///< neighbours of each
  std::vector<std::int64_t> position;  ///< out × count
  std::vector<double> weight;          ///< out × count
  /// The result along that axis; follows gradients.
  [[nodiscard]] at::Tensor apply(const at::Tensor& x, std::int64_t axis) const;
};

struct Interpolation {
  bool cubic = false;
  float cubic_coeff_a = -0.75F;
  bool exclude_outside = false;
  bool antialias = false;  ///< when an axis shrinks the neighbourhood grows with it
};
[[nodiscard]] Taps interpolate(const ResizedAxis& axis, const Interpolation& how);

}  // namespace fair::train::operators
