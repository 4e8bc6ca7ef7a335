// Tiles of a server as a prediction reads them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/geo/grid.h"
#include "native/infer/block_source.h"
#include "native/io/tile_fetcher.h"

namespace fair::io {

struct TileRequest {
  std::string address;             ///< a template (XYZ, TMS, quadkey, WMS, WMTS), or where TileJSON lies
  std::optional<geo::Bounds> box;  ///< lon/lat; whole tiles that meet it are read
  std::optional<std::int32_t> zoom;
  std::int32_t tile_size = 256;      ///< pixels, 256 or 512
  std::int64_t most_tiles = 10'000;  ///< more is refused before anything is fetched
};

/// One source: the grid of tiles that covers the box. Tiles that are not there are holes. Errors: box or zoom missing or senseless, too many tiles, a
/// template that cannot be read, a zoom or a place the TileJSON has no tiles for. Tiles that are no PNG, JPEG or WebP end the prediction when read.
[[nodiscard]] Result<std::vector<std::unique_ptr<infer::BlockSource>>> open_tiles(const TileRequest& request, const FetchOptions& options);

/// "W,S,E,N" in degrees.
[[nodiscard]] Result<geo::Bounds> box_from(const std::string& text);

}  // namespace fair::io
