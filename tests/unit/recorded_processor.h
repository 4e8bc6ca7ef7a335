// Whether float32 kernels are those that golden files were recorded with.
#pragma once

namespace fair::test {

/// Rounding follows the kernels, and these follow the processor: the files were recorded with AVX-512.
inline bool is_recorded_processor() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") != 0;
#else
  return false;
#endif
}

}  // namespace fair::test
