// A dataset as one memory-mappable file: trains without GDAL, on any machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/raster/image.h"

namespace fair::io {

/// Which part of the dataset a chip belongs to. Parts share no pixel.
enum class Part : std::uint8_t { train = 0, val = 1, holdout = 2 };

/// One chip: RGB pixels and, for segmentation, a class value a pixel.
struct PackedChip {
  std::string name;  ///< the chip file's stem
  Part part = Part::train;
  std::int32_t width = 0, height = 0, channels = 3;
  const std::uint8_t* pixels = nullptr;   ///< height*width*channels, interleaved
  const std::uint16_t* things = nullptr;  ///< height*width numbers from 1 that tell things of the mask apart, 0 = none; null where that is not known
  const std::uint8_t* mask = nullptr;     ///< height*width class values, 255 = ignore; null for other tasks
  Json labels;                            ///< boxes or class of other tasks; georeference under "transform", "crs"
};

/// Opened read-only and mapped; pixels live as long as this object.
class DatasetPack {
 public:
  virtual ~DatasetPack() = default;
  /// {task, classes:[{name,value}], gsd, id, split:{strategy, ratio, seed}, chip_count …}
  [[nodiscard]] virtual const Json& header() const = 0;
  [[nodiscard]] virtual const std::vector<PackedChip>& chips() const = 0;

  [[nodiscard]] static Result<std::shared_ptr<DatasetPack>> open(const std::filesystem::path& path);
};

/// Writes a pack beside `path` and renames it into place.
Result<> write_pack(const std::filesystem::path& path, const Json& header, const std::vector<PackedChip>& chips);

}  // namespace fair::io
