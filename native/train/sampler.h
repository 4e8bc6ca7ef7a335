// Windows of a packed dataset as tensors: random and augmented for training, in order for validation.
#pragma once

#include <ATen/ATen.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "native/io/dataset_pack.h"
#include "native/train/batch_part.h"
#include "native/train/colours.h"

namespace fair::train {

struct Samples {
  at::Tensor pixels;   ///< f32 (batch, channels, height, width), values as `Preparation` makes them; lies in memory as NHWC
  at::Tensor targets;  ///< i64 (batch, height, width), 255 = ignore
  at::Tensor borders;  ///< u8 (batch, height, width) as border_target() makes them; undefined where they are not wanted
};

/// Every sample is a pure function of (seed, step, place in the batch): a resumed run draws what the unbroken one would have.
class Sampler {
 public:
  /// Code::invalid where the training part has no chip that a window fits into, or chips have other channels than three.
  [[nodiscard]] static Result<Sampler> create(std::shared_ptr<io::DatasetPack> pack, int window, const Preparation& preparation,
                                              const Augmentation& augmentation, std::uint64_t seed);

  /// Targets are from now on what `places` makes of the masks' values, by class value -> place among the model's classes; values that it lacks are
  /// ignored. Until then they are the masks' values.
  void know_places(const std::map<int, std::int64_t>& places);

  /// Samples have borders from now on, `radius` pixels wide. Every chip must tell its things apart.
  void want_borders(double radius);

  [[nodiscard]] Samples draw(std::int64_t step, BatchPart part) const;

  /// Windows that cover every validation chip; the last of a row or column is moved inwards, and what was covered before is ignored.
  [[nodiscard]] std::int64_t validation_windows() const { return static_cast<std::int64_t>(validation_.size()); }
  [[nodiscard]] Samples validation(std::int64_t first, int count) const;

  /// Pixels of each target in the training part.
  [[nodiscard]] std::array<std::int64_t, 256> training_pixels() const;

 private:
  struct Window {
    const io::PackedChip* chip;
    std::int32_t x, y, fresh_x, fresh_y;  ///< columns and rows before fresh_* were covered by the window before
  };

  Sampler();
  [[nodiscard]] Samples room_for(std::int64_t batch) const;
  /// Lays the window's pixels, targets and borders into place b of `out`.
  void lay(const io::PackedChip& chip, std::int64_t left, std::int64_t top, const raster::Turn& turn, const Colours& colours, std::int64_t b,
           Samples& out) const;
  /// The same from between the chip's pixels, which are mirrored at its edges: colours mixed of four, targets and borders the nearest's.
  void lay(const io::PackedChip& chip, const Warp& warp, const Colours& colours, std::int64_t b, Samples& out) const;

  std::shared_ptr<io::DatasetPack> pack_;
  std::vector<const io::PackedChip*> train_;
  std::vector<Window> validation_;
  std::unordered_map<const io::PackedChip*, std::vector<std::uint8_t>> borders_;  ///< of every chip drawn from; empty where they are not wanted
  std::array<std::uint8_t, 256> target_of_;                                       ///< by mask value
  int window_ = 256;
  Preparation preparation_;
  Augmentation augmentation_;
  std::uint64_t seed_ = 0;
};

}  // namespace fair::train
