// Overlapping windows of scores -> one strip of scores without seams.
#pragma once

#include <cstdint>
#include <vector>

#include "core/raster/window.h"

namespace fair::raster {

/// Weight of each pixel of window i along one axis: a ramp over the overlap, divided by the sum of all windows' ramps there, so that the
/// weights of the windows that see a pixel add up to 1. Exactly 1 where only this window sees it. Pixels past the extent get 0.
void blend_weights(const WindowAxis& axis, std::int64_t i, std::vector<float>& weights);

/// Sums weighted windows, a row of windows at a time; holds window-height rows. `across` runs along the strip, `along` is the way the strips
/// follow each other. Windows must be added in row-major order for the same bits every time.
class Blender {
 public:
  Blender(const WindowAxis& across, const WindowAxis& along, std::int32_t channels);

  /// Adds the scores of window (i across, j along): `channels` planes of size x size floats, `plane` floats apart. `valid`, if given, is
  /// size x size and tells where there was imagery. A window never added leaves its pixels without imagery.
  void add(std::int64_t i, std::int64_t j, const float* scores, std::int64_t plane, const std::uint8_t* valid);

  /// Rows that change no more once window row j is in, counted from the first row held.
  [[nodiscard]] std::int32_t settled_rows(std::int64_t j) const;
  /// One row of the strip, by its place among the rows held.
  [[nodiscard]] const float* scores(std::int32_t channel, std::int32_t row) const;
  [[nodiscard]] const std::uint8_t* valid(std::int32_t row) const;
  /// Lets the settled rows of window row j go and makes room for the next.
  void advance(std::int64_t j);

 private:
  WindowAxis across_, along_;
  std::int32_t channels_;
  std::size_t width_;  ///< of the strip
  std::vector<float> sums_;
  std::vector<std::uint8_t> valid_;
  std::vector<float> weights_across_, weights_along_;
};

}  // namespace fair::raster
