// Whole chips of a packed dataset with their class, as tensors: shuffled and augmented for training, in order for validation.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "native/io/dataset_pack.h"
#include "native/train/batch_part.h"
#include "native/train/colours.h"

namespace fair::train {

struct ChipSamples {
  at::Tensor pixels;  ///< f32 (batch, channels, side, side), input values; lies in memory as NHWC
  at::Tensor labels;  ///< i64 (batch), places in the model's classes
};

struct ChipSampling {
  std::int32_t side = 256;  ///< chips are resized to this
  Preparation preparation;
  Augmentation augmentation;
  std::map<int, std::int64_t> place_of_value;  ///< class value in the dataset -> place among the model's classes
  std::uint64_t seed = 42;
};

/// Training sees every chip once before it sees one again. Every sample is a pure function of (seed, step, place in the batch), batches of one size
/// provided: a resumed run draws what the unbroken one would have.
class ChipSampler {
 public:
  /// Code::invalid where the training part has no chip, a chip has no class or another number of channels than three.
  [[nodiscard]] static Result<ChipSampler> create(std::shared_ptr<io::DatasetPack> pack, ChipSampling sampling);

  [[nodiscard]] ChipSamples draw(std::int64_t step, BatchPart part) const;
  [[nodiscard]] std::int64_t validation_chips() const { return static_cast<std::int64_t>(validation_.size()); }
  [[nodiscard]] ChipSamples validation(std::int64_t first, int count) const;
  /// Chips of each class in the training part.
  [[nodiscard]] std::vector<std::int64_t> training_chips(std::size_t classes) const;

 private:
  struct Labelled {
    const io::PackedChip* chip;
    std::int64_t label;
  };
  ChipSampler() = default;
  [[nodiscard]] ChipSamples room_for(std::int64_t batch) const;
  void fill(const Labelled& one, const onnx::CounterRandom* random, float* pixels) const;
  [[nodiscard]] std::size_t shuffled(std::int64_t at) const;

  std::shared_ptr<io::DatasetPack> pack_;
  std::vector<Labelled> train_, validation_;
  ChipSampling sampling_;
};

}  // namespace fair::train
