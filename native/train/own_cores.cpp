#include "native/train/own_cores.h"

#include <algorithm>

namespace fair::train {

OwnCores::OwnCores(const Rank& rank, int threads) {
  if (rank.on_machine < 2 || rank.local >= rank.on_machine || ::sched_getaffinity(0, sizeof before_, &before_) != 0) return;
  const int share = CPU_COUNT(&before_) / rank.on_machine;
  if (share < std::max(1, threads)) return;
  cpu_set_t own;
  CPU_ZERO(&own);
  for (int core = 0, place = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &before_)) continue;
    if (place++ / share == rank.local) CPU_SET(core, &own);
  }
  narrowed_ = ::sched_setaffinity(0, sizeof own, &own) == 0;
}

OwnCores::~OwnCores() {
  if (narrowed_) ::sched_setaffinity(0, sizeof before_, &before_);
}

}  // namespace fair::train
