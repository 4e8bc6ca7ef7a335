// In which precision a GPU computes.
#pragma once

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>

namespace fair::train {

/// While it lives, convolutions and matrix products on a GPU compute in bfloat16, whose range is float32's, so that losses need no scaling.
class HalfPrecision {
 public:
  explicit HalfPrecision(at::Device device) : on_(device.is_cuda()) {
    if (!on_) return;
    at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
    at::autocast::set_enabled(true);
  }
  HalfPrecision(const HalfPrecision&) = delete;
  HalfPrecision& operator=(const HalfPrecision&) = delete;
  ~HalfPrecision() {
    if (!on_) return;
    at::autocast::clear_cache();
    at::autocast::set_enabled(false);
  }

 private:
  bool on_;
};

}  // namespace fair::train
