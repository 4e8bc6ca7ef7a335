#include "native/demo/town_files.h"

#include <cstdio>
#include <string>
#include <system_error>

#include "core/geo/mercator.h"
#include "core/geo/tile.h"
#include "native/demo/scale.h"
#include "native/draw/png.h"
#include "native/io/atomic_file.h"
#include "native/io/gdal_session.h"

namespace fair::demo {
namespace fs = std::filesystem;
namespace {

// The last tile numbers of the two southern rows differ in their last digit only, so that one pattern with ? names both.
constexpr std::int64_t kEast = 262160, kSouthEnd = 262142;

/// The north-western tile of a town of `rows` rows.
geo::Tile corner(std::int64_t rows) { return {zoom, kEast, kSouthEnd - rows}; }

Result<> write_chip(const fs::path& path, const raster::Image& image, std::int32_t column, std::int32_t row, geo::Tile tile) {
  const io::GdalQuiet quiet;
  const auto broken = [&] {
    return fail(Code::io, path.string(), "a GeoTIFF written", quiet.complaint("GDAL could not write it"), "check the folder and the disk");
  };
  GDALDriver* driver = GetGDALDriverManager()->GetDriverByName("GTiff");
  char* options[] = {const_cast<char*>("COMPRESS=DEFLATE"), const_cast<char*>("PREDICTOR=2"), const_cast<char*>("PHOTOMETRIC=RGB"), nullptr};
  io::DatasetPtr file(driver == nullptr ? nullptr : driver->Create(path.c_str(), chip_pixels, chip_pixels, 3, GDT_Byte, options));
  if (!file) return broken();
  const geo::Bounds box = geo::mercator_bounds(tile);
  double transform[6] = {box.west, (box.east - box.west) / chip_pixels, 0, box.north, 0, (box.south - box.north) / chip_pixels};
  OGRSpatialReference mercator;
  if (file->SetGeoTransform(transform) != CE_None || mercator.importFromEPSG(3857) != OGRERR_NONE || file->SetSpatialRef(&mercator) != CE_None)
    return broken();
  const std::size_t first =
      3 * (static_cast<std::size_t>(row) * chip_pixels * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(column) * chip_pixels);
  auto* pixels = const_cast<std::uint8_t*>(image.pixels.data() + first);
  if (file->RasterIO(GF_Write, 0, 0, chip_pixels, chip_pixels, pixels, chip_pixels, chip_pixels, GDT_Byte, 3, nullptr, 3,
                     3 * static_cast<GSpacing>(image.width), 1, nullptr) != CE_None) {
    return broken();
  }
  file->FlushCache();
  file.reset();
  if (quiet.failed()) return broken();
  return {};
}

/// A chip's pixels as an XYZ tile.
Result<> write_tile(const fs::path& tiles, const raster::Image& image, std::int32_t column, std::int32_t row, geo::Tile tile) {
  const fs::path folder = tiles / std::to_string(tile.z) / std::to_string(tile.x);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Code::io, folder.string(), "a folder", error.message(), "check the permissions and the disk");
  raster::Image cut{chip_pixels, chip_pixels, 3, {}, {}};
  for (std::int32_t y = 0; y < chip_pixels; ++y) {
    const auto from = image.pixels.begin() + 3 * ((static_cast<std::ptrdiff_t>(row) * chip_pixels + y) * image.width + column * chip_pixels);
    cut.pixels.insert(cut.pixels.end(), from, from + 3 * chip_pixels);
  }
  return draw::write_png(folder / (std::to_string(tile.y) + ".png"), cut);
}

std::string geojson(const std::vector<vector::Polygon>& footprints, geo::Tile corner_tile) {
  const geo::Bounds box = geo::mercator_bounds(corner_tile);
  const double pixel = (box.east - box.west) / chip_pixels;
  std::string out = "{\"type\":\"FeatureCollection\",\"features\":[";
  char text[96];
  std::size_t number = 0;
  for (const vector::Polygon& polygon : footprints) {
    std::snprintf(text, sizeof text, "%s\n{\"type\":\"Feature\",\"id\":%zu,", number == 0 ? "" : ",", number + 1);
    out += text;
    out += "\"properties\":{\"class\":\"building\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[";
    for (std::size_t r = 0; r < polygon.size(); ++r) {
      const vector::Ring& ring = polygon[r];
      out += r == 0 ? "[" : ",[";
      for (std::size_t i = 0; i <= ring.size(); ++i) {
        // Backwards: what runs clockwise on screen must run the other way on the map (RFC 7946).
        const vector::Point& p = ring[(ring.size() - i) % ring.size()];
        const geo::LonLat at = geo::to_lon_lat({box.west + p.x * pixel, box.north - p.y * pixel});
        std::snprintf(text, sizeof text, "%s[%.8f,%.8f]", i == 0 ? "" : ",", at.lon, at.lat);
        out += text;
      }
      out += "]";
    }
    out += "]}}";
    ++number;
  }
  return out + "\n]}\n";
}

}  // namespace

Result<TownFiles> write_town(const Town& town, const fs::path& folder) {
  io::gdal_ready();
  TownFiles out{folder / "chips", folder / "buildings.geojson", folder / "tiles", {}, 0, static_cast<std::int64_t>(town.footprints.size())};
  std::error_code error;
  fs::create_directories(out.chips, error);
  if (error) return fail(Code::io, out.chips.string(), "a folder", error.message(), "check the permissions and the disk");
  const std::int32_t columns = town.image.width / chip_pixels, rows = town.image.height / chip_pixels;
  const geo::Tile north_west = corner(rows);
  for (std::int32_t row = 0; row < rows; ++row) {
    for (std::int32_t column = 0; column < columns; ++column) {
      const geo::Tile tile{zoom, north_west.x + column, north_west.y + row};
      const std::string name = "town-" + std::to_string(tile.x) + "-" + std::to_string(tile.y) + "-" + std::to_string(tile.z) + ".tif";
      FAIR_TRY(write_chip(out.chips / name, town.image, column, row, tile));
      FAIR_TRY(write_tile(out.tiles, town.image, column, row, tile));
      ++out.chip_count;
    }
  }
  const geo::Bounds first = geo::bounds(north_west);
  const geo::Bounds last = geo::bounds({zoom, north_west.x + columns - 1, north_west.y + rows - 1});
  out.centre = {(first.west + last.east) / 2, (first.north + last.south) / 2};
  FAIR_TRY(io::write_whole(out.footprints, geojson(town.footprints, north_west)));
  return out;
}

}  // namespace fair::demo
