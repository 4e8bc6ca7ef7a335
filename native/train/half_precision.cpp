#include "native/train/half_precision.h"

namespace fair::train {

bool computes_in_bfloat16(at::Device device) {
  if (device.is_cuda()) return true;
#if defined(__x86_64__) && defined(__GNUC__)
  return device.is_cpu() && __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

Result<bool> wants_bfloat16(const std::string& precision, at::Device device) {
  if (precision == "auto") return computes_in_bfloat16(device);
  if (precision == "float32" || precision == "bfloat16") return precision == "bfloat16";
  return fail(Code::usage, "training.precision", "auto, float32 or bfloat16", precision, "correct it");
}

}  // namespace fair::train
