// From the imagery's ground resolution to the model's, with the same bits everywhere: all arithmetic is in integers.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/error.h"
#include "core/raster/image.h"

namespace fair::raster {

/// Target pixels a source pixel along one axis, as a reduced fraction. 1/1 leaves pixels as they are.
struct Ratio {
  std::int32_t num = 1, den = 1;
  [[nodiscard]] bool identity() const { return num == den; }
  [[nodiscard]] double value() const { return static_cast<double>(num) / den; }
};

/// The ratio that brings `source` metres a pixel to `target`; within 1 % it is 1/1, else it is rounded to 64ths (of itself, or of its inverse
/// when shrinking), so that neighbouring areas get the same one. More than 32 times apart is an error.
[[nodiscard]] Result<Ratio> ratio_between(double source, double target);

/// Pixels that `extent` source pixels become, at least 1.
[[nodiscard]] std::int64_t resampled(std::int64_t extent, Ratio ratio);

/// A half-open range of pixels along one axis.
struct Span {
  std::int64_t begin = 0, end = 0;
  [[nodiscard]] std::int64_t size() const { return end - begin; }
};

/// Source pixels that target pixels [target.begin, target.end) are made of, cut to [0, extent).
[[nodiscard]] Span source_span(Span target, Ratio ratio, std::int64_t extent);

/// The whole image at another size, each axis by its own ratio; `image`'s sides are at most 4096 pixels, so that no sum overflows.
[[nodiscard]] Image resized(const ImageView& image, std::int32_t width, std::int32_t height);

/// Enlarges bilinearly and shrinks by area averaging, each axis on its own. Keeps its tables between calls. Not thread-safe.
class Resampler {
 public:
  Resampler(Ratio x, Ratio y) : x_(x), y_(y) {}

  /// Fills `out` with target pixels `tx` x `ty`. `source` holds source pixels `sx` x `sy`, which must be what source_span says; `extent_x` and
  /// `extent_y` are the whole imagery's size in source pixels. A target pixel is valid where the source pixel at its centre is.
  void run(const ImageView& source, Span sx, Span sy, std::int64_t extent_x, std::int64_t extent_y, Span tx, Span ty, Image& out);

 private:
  /// What each target pixel of one axis takes from the source: `taps` neighbours from `first` on.
  struct Axis {
    std::uint32_t total = 1;  ///< sum of the weights of any pixel
    std::int32_t taps = 1;
    std::vector<std::int32_t> first, centre;  ///< relative to the source span
    std::vector<std::uint32_t> weight;        ///< taps a pixel
  };
  static void plan(Axis& axis, Ratio ratio, Span source, std::int64_t extent, Span target);

  Ratio x_, y_;
  Axis columns_, rows_;
  std::vector<std::uint32_t> line_;  ///< rows of the source, resampled along x
};

}  // namespace fair::raster
