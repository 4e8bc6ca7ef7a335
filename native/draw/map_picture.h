// Imagery with outlines drawn on it: a picture that shows how right a prediction is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/raster/image.h"
#include "core/vector/geometry.h"
#include "native/draw/colour.h"

namespace fair::draw {

/// A chip and where its upper left corner stands, in pixels of the map.
struct Panel {
  raster::Image image;  ///< three channels
  std::int32_t x = 0, y = 0;
};

/// Outlines of one kind, in pixels of the map.
struct Layer {
  std::string label;  ///< for the legend
  Colour colour;
  std::vector<vector::Polygon> polygons;
};

struct MapPicture {
  std::string title;
  std::vector<Panel> panels;
  std::vector<Layer> layers;      ///< the last one on top
  double metres_per_pixel = 0;    ///< 0: no scale bar
  std::int32_t most_side = 2048;  ///< of the map: larger ones are shrunk, small ones enlarged up to twice
};

inline constexpr Colour colour_of_truth{255, 214, 10}, colour_of_prediction{0, 229, 255};

/// The map with a strip below it: title, legend, scale bar. Nothing in, an empty strip out.
[[nodiscard]] raster::Image draw_map(const MapPicture& picture);

}  // namespace fair::draw
