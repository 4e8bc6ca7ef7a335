// Where tiles are fetched from: a URL template, or a TileJSON document that holds some.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/geo/tile.h"

namespace fair::geo {

/// Tiles of the Web Mercator pyramid behind http(s). Placeholders, in any case of letters: {z} {zoom} {x} {y}, {-y} (TMS), {q} {quadkey} {u},
/// {s} (a, b or c), {a-c} and {switch:a,b,c}, {bbox} and {bbox-epsg-3857} with {width} {height} {proj} {wkid} (WMS GetMap), {TileMatrix} {TileRow}
/// {TileCol} {TileMatrixSet} {Style} (WMTS, KVP or REST; its matrix set must be numbered like the pyramid), {r} and {ratio} (left empty).
class TileSource {
 public:
  /// Errors name the placeholder that is unknown or the one that is missing. `tile_size`: 256 or 512 pixels.
  [[nodiscard]] static Result<TileSource> from_template(const std::string& text, std::int32_t tile_size = 256);
  /// TileJSON 2 or 3 (https://github.com/mapbox/tilejson-spec) of raster tiles; `thing` names the document in errors.
  [[nodiscard]] static Result<TileSource> from_tilejson(const Json& document, const std::string& thing, std::int32_t tile_size = 256);

  /// Address of one tile; servers are taken in turn by the tile's place, so that a tile always has the same one.
  [[nodiscard]] std::string url(Tile tile) const;

  [[nodiscard]] std::int32_t tile_size() const { return tile_size_; }
  [[nodiscard]] std::int32_t min_zoom() const { return min_zoom_; }
  [[nodiscard]] std::int32_t max_zoom() const { return max_zoom_; }
  /// What the document says its tiles cover, lon/lat.
  [[nodiscard]] const std::optional<Bounds>& covered() const { return covered_; }

 private:
  enum class Slot { text, z, x, y, tms_y, quadkey, bbox, width, server };
  struct Piece {
    Slot slot = Slot::text;
    std::string text;
    std::vector<std::string> servers;
  };
  using Template = std::vector<Piece>;

  static Result<Piece> placeholder(std::string_view inside, const std::string& whole);
  static Result<Template> parse(const std::string& text);

  std::vector<Template> templates_;
  bool flipped_ = false;  ///< {y} counts from the south
  std::int32_t tile_size_ = 256, min_zoom_ = 0, max_zoom_ = 30;
  std::optional<Bounds> covered_;
};

/// True for an http(s) address without placeholders: what is there should be TileJSON.
[[nodiscard]] bool may_be_tilejson(std::string_view address);

}  // namespace fair::geo
