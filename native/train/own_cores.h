// The processors of one of several ranks on a machine.
#pragma once

#include <sched.h>

#include "native/train/rank.h"

namespace fair::train {

/// While it lives, this thread and those that it begins run on this rank's share of the processors that the process may use: with as many busy
/// threads as cores, the scheduler else puts two ranks on one core for many milliseconds, and every step waits for the slower. Does nothing for a
/// rank alone on its machine, or where a share would be smaller than `threads` (0: whatever the share is): then somebody else shared them out.
class OwnCores {
 public:
  OwnCores(const Rank& rank, int threads);
  ~OwnCores();
  OwnCores(const OwnCores&) = delete;
  OwnCores& operator=(const OwnCores&) = delete;

 private:
  cpu_set_t before_{};
  bool narrowed_ = false;
};

}  // namespace fair::train
