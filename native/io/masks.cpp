#include "native/io/masks.h"

#include <algorithm>
#include <array>
#include <utility>

#include "native/io/raster_file.h"

namespace fair::io {
namespace fs = std::filesystem;
namespace {

bool is_mask(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".tif" || extension == ".tiff" || extension == ".png" || extension == ".TIF" || extension == ".PNG";
}

}  // namespace

bool MaskFolder::is_one(const fs::path& path) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    if (is_mask(entry.path())) return true;
  }
  return false;
}

Result<MaskFolder> MaskFolder::open(const fs::path& folder) {
  MaskFolder out;
  out.folder_ = folder;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!is_mask(entry.path())) continue;
    if (!out.files_.emplace(entry.path().stem().string(), entry.path()).second) {
      return fail(Code::invalid, folder.string(), "one mask a chip", "two named " + entry.path().stem().string(), "remove one of them");
    }
  }
  if (error) return fail(Code::io, folder.string(), "a folder of masks", error.message(), "check the path and its permissions");
  return out;
}

Result<std::vector<std::uint8_t>> MaskFolder::read(const Chip& chip, const std::vector<LabelClass>& classes) const {
  const auto found = files_.find(chip.name);
  if (found == files_.end()) {
    return fail(Code::not_found, folder_.string(), "a mask " + chip.name + ".tif or .png for every chip", "none for that chip",
                "an empty mask says that a chip shows none");
  }
  FAIR_TRY_ASSIGN(raster::Image mask, read_mask(found->second));
  if (mask.width != chip.width || mask.height != chip.height) {
    return fail(Code::invalid, found->second.string(), "the chip's size, " + std::to_string(chip.width) + " x " + std::to_string(chip.height),
                std::to_string(mask.width) + " x " + std::to_string(mask.height), "make the mask from the chip");
  }
  std::array<bool, 256> known{};
  known[0] = known[1] = classes.empty();
  known[255] = true;
  std::string listed;
  for (const LabelClass& c : classes) {
    known[static_cast<std::size_t>(c.value) & 255U] = true;
    listed += std::to_string(c.value) + " " + c.name + ", ";
  }
  const auto other = std::find_if(mask.pixels.begin(), mask.pixels.end(), [&](std::uint8_t v) { return !known[v]; });
  if (other != mask.pixels.end()) {
    return fail(Code::invalid, found->second.string(),
                classes.empty() ? "values 0 and 1 (and 255 for unknown), or 0 and 255" : "values " + listed + "255 for unknown",
                std::to_string(*other),
                classes.empty() ? "say what the values are with --classes, or make masks of one class" : "correct the mask, or --classes");
  }
  return std::move(mask.pixels);
}

bool settle_white(const std::vector<std::vector<std::uint8_t>*>& masks) {
  std::array<bool, 256> there{};
  for (const auto* mask : masks) {
    for (const std::uint8_t v : *mask) there[v] = true;
  }
  if (there[1]) return true;
  if (!there[255]) return false;
  for (auto* mask : masks) std::replace(mask->begin(), mask->end(), std::uint8_t{255}, std::uint8_t{1});
  return true;
}

}  // namespace fair::io
