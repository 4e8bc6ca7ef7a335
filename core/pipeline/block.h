// One cell of a grid of imagery.
#pragma once

#include <cstdint>

namespace fair::pipeline {

/// Column and row of a block in its geo::BlockGrid.
struct Block {
  std::int64_t column = 0, row = 0;
};

}  // namespace fair::pipeline
