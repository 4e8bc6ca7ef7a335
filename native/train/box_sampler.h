// Chips with boxes as training sees them: put together, turned and coloured at random; padded to one size for validation.
#pragma once

#include <ATen/ATen.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "native/io/dataset_pack.h"
#include "native/onnx/counter_random.h"
#include "native/train/colours.h"
#include "native/train/task.h"

namespace fair::train {

/// A plugin description's training.augment; what it leaves out is as here. Shares are probabilities, the others the largest relative change.
struct BoxAugmentation {
  double mosaic = 1.0;  ///< of samples put together from four chips
  bool flip = true, rotate = true;
  double hue = 0.015, saturation = 0.7, value = 0.4;
  double scale = 0.5, translate = 0.1;

  [[nodiscard]] static BoxAugmentation from(const Json& augment);
};

struct BoxSampling {
  int side = 320;           ///< pixels of a sample: chips are scaled so that the longer side is that, and padded to a square
  Preparation preparation;  ///< as prediction does it
  BoxAugmentation augmentation;
  std::map<int, std::int64_t> index_of_value;  ///< class value of a box -> the model's class
  std::uint64_t seed = 42;
};

/// Every sample is a pure function of (seed, step, place in the batch). Batches hold one target, f32 (n, 6): place in the batch, class, x0, y0, x1,
/// y1 in pixels of the sample. Boxes of which less than a tenth, or less than two pixels, is left are dropped.
class BoxSampler {
 public:
  /// Code::invalid where the training part is empty, chips have other channels than three, or a box's class is not the model's.
  [[nodiscard]] static Result<BoxSampler> create(std::shared_ptr<io::DatasetPack> pack, const BoxSampling& how);

  [[nodiscard]] Batch draw(std::int64_t step, BatchPart part) const;
  [[nodiscard]] std::int64_t validation_chips() const { return static_cast<std::int64_t>(validation_.size()); }
  [[nodiscard]] Batch validation(std::int64_t first, int count) const;

 private:
  struct Thing {
    double x0, y0, x1, y1;
    int label;
  };
  struct Chip {
    const io::PackedChip* pixels;
    std::vector<Thing> things;
    [[nodiscard]] double longest() const { return std::max(pixels->width, pixels->height); }
  };
  /// A sample while it is being made: bytes, grey where no chip lies.
  struct Canvas {
    explicit Canvas(std::int64_t side);
    std::int64_t side;
    std::vector<std::uint8_t> bytes;
    std::vector<Thing> things;
  };

  BoxSampler() = default;
  /// Where a chip lies: with a corner of its own at (x, y), to the right of or below which it is or not.
  struct Corner {
    std::int64_t x, y;
    bool right_of_x, below_y;
  };
  struct Place {
    std::int64_t x0, y0, x1, y1;
  };
  /// Lays `chip` on the canvas, in pixels `within` only.
  static void lay(const Chip& chip, double scale, Corner corner, Place within, Canvas& canvas);
  void compose(const onnx::CounterRandom& random, Canvas& canvas) const;
  void colour(const onnx::CounterRandom& random, Canvas& canvas) const;
  void hand_out(const Canvas& canvas, bool across, bool down, bool transposed, std::int64_t place, float* pixels, std::vector<float>& rows) const;
  [[nodiscard]] Batch batch_of(at::Tensor pixels, const std::vector<float>& rows) const;

  std::shared_ptr<io::DatasetPack> pack_;
  std::vector<Chip> train_, validation_;
  BoxSampling how_;
};

}  // namespace fair::train
