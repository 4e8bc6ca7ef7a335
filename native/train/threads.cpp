#include "native/train/threads.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <algorithm>
#include <thread>

// at::parallel_for is a template, which runs in one thread without a word where it is compiled otherwise than LibTorch.
#if AT_PARALLEL_OPENMP && defined(__GNUC__) && !defined(__clang__) && !defined(_OPENMP)
#error "LibTorch's threads are OpenMP's: compile with LibTorch_LOOP_OPTIONS (FindLibTorch.cmake)"
#endif

namespace fair::train {
namespace {

/// Another BLAS, or another build of LibTorch, has no such function and heeds LibTorch.
void set_blas_threads(int threads) {
  if (void* found = ::dlsym(RTLD_DEFAULT, "openblas_set_num_threads"); found != nullptr) reinterpret_cast<void (*)(int)>(found)(threads);
}

}  // namespace

void use_threads(int threads) {
  const int count = threads > 0 ? threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  at::set_num_threads(count);
  set_blas_threads(count);
}

ProductsInOneThread::ProductsInOneThread() { set_blas_threads(1); }
ProductsInOneThread::~ProductsInOneThread() { set_blas_threads(at::get_num_threads()); }

}  // namespace fair::train
