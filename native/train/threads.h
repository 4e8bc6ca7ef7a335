// How many threads tensors are worked on with.
#pragma once

namespace fair::train {

/// Of LibTorch and of the BLAS below it alike: Debian's OpenBLAS has threads of its own, one a core, which LibTorch's setting does not reach.
/// 0: one a core that this thread may use.
void use_threads(int threads);

/// While it lives, that BLAS computes each product in the thread that asks for it: for loops whose threads take whole products.
class ProductsInOneThread {
 public:
  ProductsInOneThread();
  ~ProductsInOneThread();
  ProductsInOneThread(const ProductsInOneThread&) = delete;
  ProductsInOneThread& operator=(const ProductsInOneThread&) = delete;
};

}  // namespace fair::train
