// Streets of a town that grew: a grid that is turned and bent, with blocks of uneven sizes between them.
#pragma once

#include <cstdint>
#include <vector>

#include "core/vector/geometry.h"
#include "native/demo/dice.h"

namespace fair::demo {

/// Lengths are pixels. "Street coordinates" (u, v) are straight along the streets; the town's (x, y) are the picture's.
class StreetGrid {
 public:
  StreetGrid(std::uint64_t seed, double width, double height);

  struct Street {
    double at = 0;          ///< its centre line
    double half_width = 0;  ///< of the carriageway
    bool paved = true;
  };
  /// Between streets across[i] and across[i + 1], along[j] and along[j + 1].
  struct Block {
    double u0 = 0, u1 = 0, v0 = 0, v1 = 0;  ///< without the streets
    std::size_t column = 0, row = 0;
  };

  [[nodiscard]] vector::Point to_town(double u, double v) const;
  [[nodiscard]] vector::Point to_streets(double x, double y) const;
  /// Unit vector in which u grows, in the town.
  [[nodiscard]] vector::Point along(double u, double v) const;

  /// The nearest street's distance less its half width: negative on the carriageway.
  struct Nearest {
    double distance = 0;
    double off_centre = 0;  ///< from the centre line
    double along = 0;       ///< how far along the street
    bool paved = true, main = false;
  };
  [[nodiscard]] Nearest nearest(vector::Point uv) const;

  [[nodiscard]] const std::vector<Street>& across() const { return us_; }
  [[nodiscard]] const std::vector<Street>& lengthwise() const { return vs_; }
  [[nodiscard]] std::vector<Block> blocks() const;

 private:
  static std::vector<Street> streets(Dice& dice, double from, double to, double least, double most);
  double cx_, cy_, cos_, sin_;
  double bend_u_, bend_v_, wave_u_, wave_v_, phase_u_, phase_v_;
  std::vector<Street> us_, vs_;
};

}  // namespace fair::demo
