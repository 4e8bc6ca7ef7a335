// In which precision convolutions and matrix products compute.
#pragma once

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>

#include <string>

#include "core/base/error.h"

namespace fair::train {

/// True where the device multiplies bfloat16 faster than float32: GPUs, and processors with instructions for it (AVX512-BF16, AMX).
[[nodiscard]] bool computes_in_bfloat16(at::Device device);

/// training.precision: "auto" is bfloat16 where the device computes in it, else float32. Code::usage for other words.
[[nodiscard]] Result<bool> wants_bfloat16(const std::string& precision, at::Device device);

/// While it lives, convolutions and matrix products compute in bfloat16, whose range is float32's, so that losses need no scaling; weights, sums and
/// what the optimizer keeps stay float32.
class HalfPrecision {
 public:
  HalfPrecision(at::Device device, bool on) : gpu_(on && device.is_cuda()), cpu_(on && device.is_cpu()) {
    if (gpu_) {
      at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
      at::autocast::set_enabled(true);
    }
    if (cpu_) {
      at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
      at::autocast::set_cpu_enabled(true);
    }
  }
  HalfPrecision(const HalfPrecision&) = delete;
  HalfPrecision& operator=(const HalfPrecision&) = delete;
  ~HalfPrecision() {
    if (gpu_ || cpu_) at::autocast::clear_cache();
    if (gpu_) at::autocast::set_enabled(false);
    if (cpu_) at::autocast::set_cpu_enabled(false);
  }

 private:
  bool gpu_, cpu_;
};

}  // namespace fair::train
