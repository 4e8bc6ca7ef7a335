#include "native/draw/map_picture.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "native/draw/canvas.h"
#include "native/draw/glyphs.h"

namespace fair::draw {
namespace {

constexpr std::int32_t kStrip = 44, kLeast = 640;
constexpr Colour kPaper{24, 26, 30}, kInk{232, 232, 228}, kGround{48, 50, 54};

struct Box {
  std::int32_t x = 0, y = 0, width = 0, height = 0;
};

Box around(const std::vector<Panel>& panels) {
  if (panels.empty()) return {};
  std::int32_t x0 = panels.front().x, y0 = panels.front().y, x1 = x0, y1 = y0;
  for (const Panel& p : panels) {
    x0 = std::min(x0, p.x), y0 = std::min(y0, p.y), x1 = std::max(x1, p.x + p.image.width), y1 = std::max(y1, p.y + p.image.height);
  }
  return {x0, y0, x1 - x0, y1 - y0};
}

/// Each output pixel is the mean of the pixels it covers; enlarged ones repeat.
raster::Image resized(const raster::Image& image, std::int32_t width, std::int32_t height) {
  raster::Image out{width, height, 3, {}, {}};
  out.pixels.resize(3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  const auto first = [](std::int32_t at, std::int32_t from, std::int32_t to) { return static_cast<std::int32_t>(std::int64_t{at} * from / to); };
  for (std::int32_t y = 0; y < height; ++y) {
    const std::int32_t from_y = first(y, image.height, height), to_y = std::max(from_y + 1, first(y + 1, image.height, height));
    for (std::int32_t x = 0; x < width; ++x) {
      const std::int32_t from_x = first(x, image.width, width), to_x = std::max(from_x + 1, first(x + 1, image.width, width));
      for (std::size_t c = 0; c < 3; ++c) {
        int sum = 0;
        for (std::int32_t sy = from_y; sy < to_y; ++sy) {
          for (std::int32_t sx = from_x; sx < to_x; ++sx) {
            sum += image.pixels[3 * (static_cast<std::size_t>(sy) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(sx)) + c];
          }
        }
        const int count = (to_y - from_y) * (to_x - from_x);
        out.pixels[3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) + c] =
            static_cast<std::uint8_t>((sum + count / 2) / count);
      }
    }
  }
  return out;
}

/// 1, 2 or 5 times a power of ten, the largest that is no longer than `most`.
double round_length(double most) {
  double unit = 1;
  while (unit * 10 <= most) unit *= 10;
  while (unit > most) unit /= 10;
  return unit * 5 <= most ? unit * 5 : unit * 2 <= most ? unit * 2 : unit;
}

void scale_bar(Canvas& canvas, double metres_per_pixel, std::int32_t y) {
  const double metres = round_length(150 * metres_per_pixel);
  char text[32];
  std::snprintf(text, sizeof text, metres >= 1000 ? "%g km" : "%g m", metres >= 1000 ? metres / 1000 : metres);
  const double right = canvas.width() - 16, left = right - metres / metres_per_pixel, base = y + 30;
  canvas.line({left, base}, {right, base}, kInk, 2);
  canvas.line({left, base - 6}, {left, base}, kInk, 2);
  canvas.line({right, base - 6}, {right, base}, kInk, 2);
  write(canvas, static_cast<std::int32_t>((left + right) / 2) - text_width(text, 1) / 2, y + 12, text, kInk, 1);
}

}  // namespace

raster::Image draw_map(const MapPicture& picture) {
  const Box box = around(picture.panels);
  const double side = std::max({1, box.width, box.height}), scale = std::min(2.0, std::max(1, picture.most_side) / side);
  const auto width = static_cast<std::int32_t>(box.width * scale), height = static_cast<std::int32_t>(box.height * scale);
  Canvas canvas(std::max(width, kLeast), height + kStrip, kPaper);
  canvas.fill(
      {{{0, 0}, {static_cast<double>(width), 0}, {static_cast<double>(width), static_cast<double>(height)}, {0, static_cast<double>(height)}}},
      kGround);
  for (const Panel& p : picture.panels) {
    // Edges are rounded, not sizes: chips side by side stay so.
    const auto at = [scale](std::int32_t pixel) { return static_cast<std::int32_t>(pixel * scale); };
    const std::int32_t x = at(p.x - box.x), y = at(p.y - box.y);
    const std::int32_t right = std::max(x + 1, at(p.x - box.x + p.image.width)), bottom = std::max(y + 1, at(p.y - box.y + p.image.height));
    canvas.paste(resized(p.image, right - x, bottom - y), x, y);
  }
  for (const Layer& layer : picture.layers) {
    for (const vector::Polygon& polygon : layer.polygons) {
      for (vector::Ring ring : polygon) {
        for (vector::Point& p : ring) p = {(p.x - box.x) * scale, (p.y - box.y) * scale};
        if (ring.size() > 1) canvas.outline(ring, layer.colour, scale > 1 ? 2.0 : 1.5);
      }
    }
  }
  canvas.fill({{{0, static_cast<double>(height)},
                {static_cast<double>(canvas.width()), static_cast<double>(height)},
                {static_cast<double>(canvas.width()), static_cast<double>(canvas.height())},
                {0, static_cast<double>(canvas.height())}}},
              kPaper);
  std::int32_t x = 16;
  for (const Layer& layer : picture.layers) {
    canvas.line({x + 1.0, height + 22.0}, {x + 23.0, height + 22.0}, layer.colour, 4);
    write(canvas, x + 34, height + 15, layer.label, kInk, 2);
    x += 34 + text_width(layer.label, 2) + 22;
  }
  // What does not fit beside the scale bar stays away.
  if (x + text_width(picture.title, 1) < canvas.width() - 200) write(canvas, x + 8, height + 19, picture.title, kInk, 1);
  if (picture.metres_per_pixel > 0) scale_bar(canvas, picture.metres_per_pixel / scale, height);
  return std::move(canvas).take();
}

}  // namespace fair::draw
