// An RGB picture to draw on.
#pragma once

#include <cstdint>
#include <utility>

#include "core/raster/image.h"
#include "core/vector/geometry.h"
#include "native/draw/colour.h"

namespace fair::draw {

/// Coordinates are pixels, (0, 0) the upper left corner of the upper left pixel; what lies outside is not drawn.
class Canvas {
 public:
  Canvas(std::int32_t width, std::int32_t height, Colour background = {255, 255, 255});
  /// Takes an image of three channels.
  explicit Canvas(raster::Image image) : image_(std::move(image)) {}

  [[nodiscard]] std::int32_t width() const { return image_.width; }
  [[nodiscard]] std::int32_t height() const { return image_.height; }
  [[nodiscard]] const raster::Image& image() const { return image_; }
  [[nodiscard]] raster::Image take() && { return std::move(image_); }

  [[nodiscard]] Colour at(std::int32_t x, std::int32_t y) const {
    const std::uint8_t* p = pixel(x, y);
    return {static_cast<double>(p[0]), static_cast<double>(p[1]), static_cast<double>(p[2])};
  }
  void set(std::int32_t x, std::int32_t y, const Colour& colour);
  /// Lays `share` (0 to 1) of a colour over the pixel.
  void blend(std::int32_t x, std::int32_t y, const Colour& colour, double share) { set(x, y, mix(at(x, y), colour, share)); }

  void fill(const vector::Polygon& polygon, const Colour& colour, double share = 1);
  /// The ring's outline, `thickness` pixels wide.
  void outline(const vector::Ring& ring, const Colour& colour, double thickness);
  void line(vector::Point from, vector::Point to, const Colour& colour, double thickness);
  /// Copies an image of three channels to (x, y).
  void paste(const raster::Image& image, std::int32_t x, std::int32_t y);

 private:
  [[nodiscard]] const std::uint8_t* pixel(std::int32_t x, std::int32_t y) const {
    return image_.pixels.data() + 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(image_.width) + static_cast<std::size_t>(x));
  }
  raster::Image image_;
};

}  // namespace fair::draw
