// Which ground is built on already.
#pragma once

#include <cstdint>
#include <vector>

#include "core/vector/geometry.h"

namespace fair::demo {

class Site {
 public:
  Site(std::int32_t width, std::int32_t height);

  /// Takes the polygon's ground if it lies inside the site and nothing stands within `margin` pixels of it; false where it does not.
  bool take(const vector::Polygon& polygon, double margin);
  /// Nothing is built within `radius` of the place. Outside the site nothing is free.
  [[nodiscard]] bool is_free(vector::Point place, double radius) const;

 private:
  [[nodiscard]] bool built(double x, double y) const;
  std::int32_t width_, height_;
  std::vector<std::uint8_t> taken_;
};

}  // namespace fair::demo
