// Labels as pictures: one mask a chip.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "native/io/chip_labels.h"

namespace fair::io {

/// Masks of a folder, named as their chips: town-1.tif has town-1.png or town-1.tif.
class MaskFolder {
 public:
  /// True for a folder with pictures in it.
  [[nodiscard]] static bool is_one(const std::filesystem::path& path);
  [[nodiscard]] static Result<MaskFolder> open(const std::filesystem::path& folder);

  [[nodiscard]] const std::map<std::string, std::filesystem::path>& files() const { return files_; }  ///< by chip name
  /// Class values, height x width: those of `classes` (none: 0 and 1), and 255 where nobody has looked. Errors: no mask for the chip, another size,
  /// other values.
  [[nodiscard]] Result<std::vector<std::uint8_t>> read(const Chip& chip, const std::vector<LabelClass>& classes) const;

 private:
  std::filesystem::path folder_;
  std::map<std::string, std::filesystem::path> files_;
};

/// Pictures drawn in black and white mean 1 by white: turns 255 to 1 in all of them where none has a 1. False where nothing is labelled.
[[nodiscard]] bool settle_white(const std::vector<std::vector<std::uint8_t>*>& masks);

}  // namespace fair::io
