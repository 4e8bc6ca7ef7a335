// Where the driver takes imagery from: files, one large raster, tiles over HTTP, a test's arrays.
#pragma once

#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/geo/grid.h"
#include "core/pipeline/block.h"
#include "core/raster/image.h"

namespace fair::infer {

/// One grid of imagery. `fetch` is called from several threads at once.
class BlockSource {
 public:
  virtual ~BlockSource() = default;
  /// Constant while the source lives.
  [[nodiscard]] virtual const geo::BlockGrid& grid() const = 0;
  /// Pixels of one block: block_width x block_height, or fewer columns and rows where the imagery ends inside the block (the rest is no data).
  /// Nothing where there is no imagery (404, a hole). Errors end the prediction.
  [[nodiscard]] virtual Result<std::optional<raster::Image>> fetch(pipeline::Block block) = 0;
  /// What the person calls it: a path or template, for progress and errors.
  [[nodiscard]] virtual std::string name() const = 0;
  /// How many fetches at once make sense: processors for files, more for a network.
  [[nodiscard]] virtual int useful_threads() const { return 2; }
};

}  // namespace fair::infer
