#include "native/train/memory.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace fair::train {

void keep_memory() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

}  // namespace fair::train
