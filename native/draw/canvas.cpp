#include "native/draw/canvas.h"

#include <algorithm>
#include <cmath>

#include "native/draw/coverage.h"

namespace fair::draw {
namespace {

std::uint8_t level(double value) { return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0))); }

}  // namespace

Canvas::Canvas(std::int32_t width, std::int32_t height, Colour background) : image_{width, height, 3, {}, {}} {
  image_.pixels.resize(3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (std::size_t i = 0; i < image_.pixels.size(); i += 3) {
    image_.pixels[i] = level(background.r), image_.pixels[i + 1] = level(background.g), image_.pixels[i + 2] = level(background.b);
  }
}

void Canvas::set(std::int32_t x, std::int32_t y, const Colour& colour) {
  auto* p = const_cast<std::uint8_t*>(pixel(x, y));
  p[0] = level(colour.r), p[1] = level(colour.g), p[2] = level(colour.b);
}

void Canvas::fill(const vector::Polygon& polygon, const Colour& colour, double share) {
  cover(polygon, width(), height(), [&](std::int32_t x, std::int32_t y, const double* of, std::int32_t count) {
    for (std::int32_t i = 0; i < count; ++i) {
      if (of[i] > 0) blend(x + i, y, colour, share * of[i]);
    }
  });
}

void Canvas::line(vector::Point from, vector::Point to, const Colour& colour, double thickness) {
  const double dx = to.x - from.x, dy = to.y - from.y, length = std::sqrt(dx * dx + dy * dy);
  if (!(length > 0)) return;
  const double half = thickness / 2, ax = dx / length * half, ay = dy / length * half;
  // A little longer at both ends, so that lines that meet leave no notch.
  const vector::Point a{from.x - ax, from.y - ay}, b{to.x + ax, to.y + ay};
  fill({{{a.x - ay, a.y + ax}, {b.x - ay, b.y + ax}, {b.x + ay, b.y - ax}, {a.x + ay, a.y - ax}}}, colour);
}

void Canvas::outline(const vector::Ring& ring, const Colour& colour, double thickness) {
  for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) line(ring[j], ring[i], colour, thickness);
}

void Canvas::paste(const raster::Image& image, std::int32_t x, std::int32_t y) {
  const std::int32_t from = std::max(0, -x), to = std::min(image.width, width() - x);
  if (from >= to) return;
  for (std::int32_t row = std::max(0, -y); row < std::min(image.height, height() - y); ++row) {
    const std::uint8_t* source =
        image.pixels.data() + 3 * (static_cast<std::size_t>(row) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(from));
    std::copy(source, source + 3 * static_cast<std::size_t>(to - from), const_cast<std::uint8_t*>(pixel(x + from, y + row)));
  }
}

}  // namespace fair::draw
