#include "native/train/threads.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <algorithm>
#include <thread>

namespace fair::train {

void use_threads(int threads) {
  const int count = threads > 0 ? threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  at::set_num_threads(count);
  // Another BLAS, or another build of LibTorch, has no such function and heeds LibTorch.
  if (void* found = ::dlsym(RTLD_DEFAULT, "openblas_set_num_threads"); found != nullptr) reinterpret_cast<void (*)(int)>(found)(count);
}

}  // namespace fair::train
