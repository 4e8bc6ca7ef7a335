#include "native/io/chips.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <system_error>

#include "core/geo/tile.h"
#include "native/io/raster_file.h"

namespace fair::io {
namespace {

bool is_image(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  static constexpr std::array<const char*, 7> known{".tif", ".tiff", ".png", ".jpg", ".jpeg", ".jp2", ".webp"};
  return std::any_of(known.begin(), known.end(), [&](const char* e) { return extension == e; });
}

/// The last three numbers of a name as x, y, z or z, x, y: whichever is a tile.
std::optional<geo::Tile> tile_in(const std::string& name) {
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < name.size();) {
    if (name[i] < '0' || name[i] > '9') {
      ++i;
      continue;
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(name.data() + i, name.data() + name.size(), value);
    if (error != std::errc()) return std::nullopt;
    numbers.push_back(value);
    i = static_cast<std::size_t>(end - name.data());
  }
  if (numbers.size() < 3) return std::nullopt;
  const auto tail = numbers.end() - 3;
  const auto tile = [](std::int64_t x, std::int64_t y, std::int64_t z) -> std::optional<geo::Tile> {
    if (z < 10 || z > 24 || x >= (std::int64_t{1} << z) || y >= (std::int64_t{1} << z)) return std::nullopt;
    return geo::Tile{static_cast<std::int32_t>(z), x, y};
  };
  if (auto last = tile(tail[0], tail[1], tail[2])) return last;
  return tile(tail[1], tail[2], tail[0]);
}

}  // namespace

Result<Chip> chip_of(const std::filesystem::path& path) {
  FAIR_TRY_ASSIGN(const RasterFile file, RasterFile::open(path));
  const RasterInfo& info = file.info();
  Chip chip{path, path.stem().string(), info.width, info.height, info.crs, info.transform};
  if (info.georeferenced) return chip;
  const auto tile = tile_in(chip.name);
  if (!tile) {
    return fail(Code::invalid, path.string(), "a georeference, or tile numbers x-y-z in its name", "neither",
                "give the chip a world file or .aux.xml, make it a GeoTIFF, or name it by its tile");
  }
  const geo::Bounds box = geo::mercator_bounds(*tile);
  chip.crs = geo::Crs::web_mercator;
  chip.transform = geo::GeoTransform{{box.west, (box.east - box.west) / info.width, 0, box.north, 0, (box.south - box.north) / info.height}};
  return chip;
}

Result<std::vector<Chip>> list_chips(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return fail(Code::not_found, folder.string(), "a folder of chips", std::filesystem::exists(folder, error) ? "a file" : "nothing there",
                "name the folder with --chips");
  }
  std::vector<std::filesystem::path> paths;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->is_regular_file(error) && is_image(it->path())) paths.push_back(it->path());
  }
  if (error) return fail(Code::io, folder.string(), "a folder that can be read", error.message(), "check its permissions");
  std::sort(paths.begin(), paths.end());
  if (paths.empty())
    return fail(Code::not_found, folder.string(), "chips (.tif, .png, .jpg, .jp2, .webp)", "no image", "name the folder that holds the chips");
  std::vector<Chip> chips;
  for (const auto& path : paths) {
    FAIR_TRY_ASSIGN(Chip chip, chip_of(path));
    chips.push_back(std::move(chip));
  }
  return chips;
}

bool matches(const std::string& pattern, const std::string& name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string::npos;
  std::size_t mark = 0;
  while (n < name.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || (pattern[p] == name[n] && pattern[p] != '*'))) {
      ++p;
      ++n;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = n;
    } else if (star != std::string::npos) {
      p = star + 1;
      n = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace fair::io
