// Packed datasets of square chips with masks, made on the spot.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "native/io/dataset_pack.h"

namespace fair::test {

/// What a chip shows, row by row: `pixels` three bytes a place, `mask` one, `things` a number or nothing.
struct MaskedChip {
  std::vector<std::uint8_t> pixels, mask;
  std::vector<std::uint16_t> things;
};

/// The first four are to train on, the others to validate with.
inline Result<> write_masked_pack(const std::filesystem::path& path, Json header, const std::vector<MaskedChip>& chips, std::int32_t side) {
  std::vector<io::PackedChip> packed;
  for (const MaskedChip& one : chips) {
    io::PackedChip chip;
    chip.name = "chip" + std::to_string(packed.size());
    chip.part = packed.size() < 4 ? io::Part::train : io::Part::val;
    chip.width = chip.height = side;
    chip.pixels = one.pixels.data();
    chip.mask = one.mask.data();
    if (!one.things.empty()) chip.things = one.things.data();
    packed.push_back(chip);
  }
  header["task"] = "semantic-segmentation";
  return io::write_pack(path, header, packed);
}

}  // namespace fair::test
