// One of several processes that train one model together, and where they meet.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.h"

namespace fair::train {

/// The variables of PyTorch's torchrun: RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE, MASTER_ADDR, MASTER_PORT.
struct Rank {
  int rank = 0;        ///< counted from 0, which alone validates and writes
  int ranks = 1;       ///< how many there are
  int local = 0;       ///< which of those on this machine: chooses the GPU
  int on_machine = 1;  ///< how many are on this machine
  std::string address = "127.0.0.1";
  std::uint16_t port = 29500;  ///< where rank 0 listens
  int patience = 600;          ///< seconds that the others may take to come

  [[nodiscard]] bool alone() const { return ranks == 1; }
  [[nodiscard]] bool first() const { return rank == 0; }
  /// "rank 2 of 4".
  [[nodiscard]] std::string name() const { return "rank " + std::to_string(rank) + " of " + std::to_string(ranks); }

  /// Alone where neither RANK nor WORLD_SIZE is set; Code::usage where they make no sense. FAIR_RANKS_TIMEOUT is the patience.
  [[nodiscard]] static Result<Rank> from_environment();
};

}  // namespace fair::train
