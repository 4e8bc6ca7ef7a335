#include "native/io/tile_imagery.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/json.h"
#include "core/geo/tile.h"
#include "core/geo/tile_source.h"
#include "native/io/decode_image.h"

namespace fair::io {
namespace {

constexpr std::int32_t most_side = 1024;  // of a tile that may be decoded to say that its size is wrong

class TileImagery final : public infer::BlockSource {
 public:
  TileImagery(geo::TileSource source, TileFetcher fetcher, geo::BlockGrid grid, std::string name)
      : source_(std::move(source)), fetcher_(std::move(fetcher)), grid_(std::move(grid)), name_(std::move(name)) {}

  [[nodiscard]] const geo::BlockGrid& grid() const override { return grid_; }
  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] int useful_threads() const override { return fetcher_.connections(); }

  [[nodiscard]] Result<std::optional<raster::Image>> fetch(pipeline::Block block) override {
    const std::string address = source_.url(geo::tile_of_block(grid_, block.column, block.row));
    FAIR_TRY_ASSIGN(const std::optional<std::string> body, fetcher_.get(address));
    if (!body) return std::optional<raster::Image>();
    auto decoded = decode_image(*body, address.substr(0, address.find('?')), most_side);
    if (!decoded) {
      fetcher_.forget(address);
      return fail(std::move(decoded).error());
    }
    raster::Image image = std::move(*decoded);
    if (image.width != grid_.block_width || image.height != grid_.block_height) {
      return fail(Code::invalid, address.substr(0, address.find('?')), "a tile of " + std::to_string(grid_.block_width) + " pixels a side",
                  std::to_string(image.width) + " x " + std::to_string(image.height), "say --tile-size 256 or 512 as the server has it");
    }
    const bool nothing = !image.valid.empty() && std::all_of(image.valid.begin(), image.valid.end(), [](std::uint8_t v) { return v == 0; });
    return nothing ? std::optional<raster::Image>() : std::optional(std::move(image));
  }

 private:
  geo::TileSource source_;
  TileFetcher fetcher_;
  geo::BlockGrid grid_;
  std::string name_;
};

std::string text(const geo::Bounds& box) { return Json{box.west, box.south, box.east, box.north}.dump(); }

Result<geo::TileSource> source_at(const TileRequest& request, TileFetcher& fetcher) {
  if (!geo::may_be_tilejson(request.address)) return geo::TileSource::from_template(request.address, request.tile_size);
  FAIR_TRY_ASSIGN(const std::optional<std::string> body, fetcher.get(request.address, false));
  if (!body) {
    return fail(Code::not_found, request.address, "a TileJSON document, or a template with {z}, {x} and {y}", "nothing there", "check the address");
  }
  FAIR_TRY_ASSIGN(const Json document, parse_json(*body, request.address));
  return geo::TileSource::from_tilejson(document, request.address, request.tile_size);
}

}  // namespace

Result<geo::Bounds> box_from(const std::string& given) {
  const Json numbers = Json::parse("[" + given + "]", nullptr, false);
  bool good = numbers.is_array() && numbers.size() == 4;
  for (std::size_t i = 0; good && i < 4; ++i) good = numbers[i].is_number() && std::isfinite(numbers[i].get<double>());
  if (!good) return fail(Code::usage, "bbox", "W,S,E,N in degrees", given, "for example 85.52,27.63,85.53,27.64");
  return geo::Bounds{numbers[0].get<double>(), numbers[1].get<double>(), numbers[2].get<double>(), numbers[3].get<double>()};
}

Result<std::vector<std::unique_ptr<infer::BlockSource>>> open_tiles(const TileRequest& request, const FetchOptions& options) {
  if (!request.box || !request.zoom) {
    return fail(Code::usage, request.address, "--bbox W,S,E,N and --zoom Z with tiles", request.box ? "no zoom" : "no bbox",
                "say which area; zoom 18 to 20 suits buildings");
  }
  FAIR_TRY_ASSIGN(TileFetcher fetcher, TileFetcher::create(options));
  FAIR_TRY_ASSIGN(geo::TileSource source, source_at(request, fetcher));
  geo::Bounds box = *request.box;
  if (const auto& covered = source.covered()) {
    const geo::Bounds meets{std::max(box.west, covered->west), std::max(box.south, covered->south), std::min(box.east, covered->east),
                            std::min(box.north, covered->north)};
    if (!(meets.west < meets.east && meets.south < meets.north)) {
      return fail(Code::usage, "bbox " + text(box), "a place the TileJSON has tiles for: " + text(*covered), "none of it", "give another bbox");
    }
    box = meets;
  }
  if (*request.zoom < source.min_zoom() || *request.zoom > source.max_zoom()) {
    return fail(Code::usage, "zoom", std::to_string(source.min_zoom()) + " to " + std::to_string(source.max_zoom()), std::to_string(*request.zoom),
                "give a zoom the source has");
  }
  FAIR_TRY_ASSIGN(geo::BlockGrid grid, geo::tile_grid(box, *request.zoom, request.tile_size));
  if (grid.columns * grid.rows > request.most_tiles) {
    return fail(Code::usage, "bbox " + text(box) + " at zoom " + std::to_string(*request.zoom),
                "at most " + std::to_string(request.most_tiles) + " tiles", std::to_string(grid.columns * grid.rows),
                "give a smaller area or a lower zoom, or allow it with --max-tiles");
  }
  std::vector<std::unique_ptr<infer::BlockSource>> out;
  out.push_back(std::make_unique<TileImagery>(std::move(source), std::move(fetcher), std::move(grid), request.address));
  return out;
}

}  // namespace fair::io
