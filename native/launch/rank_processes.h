// Several ranks on this machine, a process each.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace fair::launch {

struct RanksOutcome {
  int status = 0;              ///< rank 0's exit status; 128 + signal where one ended it
  std::optional<Error> fault;  ///< why the job failed, where another rank than 0 began it, or 0 could not say so itself
};

/// Runs `words` (a program and its arguments) `count` times as ranks of one training, with torchrun's variables set and this process's other ones.
/// Rank 0 has this process's standard output and error; of the others the last line is kept for the fault. When one fails, the rest are ended. Once
/// `stop` is set all are asked to stop, and are waited for. No rank outlives this process.
[[nodiscard]] Result<RanksOutcome> run_ranks(const std::vector<std::string>& words, int count, const std::atomic<bool>& stop);

}  // namespace fair::launch
