#include "core/vector/polygon_arrays.h"

namespace fair::vector {

PolygonArrays polygon_arrays(const std::uint8_t* mask, std::int32_t width, std::int32_t height, Connectivity connectivity,
                             std::span<const double, 6> transform) {
  PolygonArrays out;
  PolygonizeOptions options;
  options.width = width;
  options.connectivity = connectivity;
  Polygonizer polygonizer(options, [&](Shape&& shape) {
    std::size_t part = 0;
    for (std::size_t r = 0; r < shape.rings.size(); ++r) {
      if (part < shape.parts.size() && shape.parts[part] == r) {
        out.polygons.push_back(static_cast<std::uint32_t>(out.rings.size()));
        out.values.push_back(static_cast<std::uint8_t>(shape.value));
        ++part;
      }
      const std::vector<Corner>& ring = shape.rings[r];
      const std::size_t begin = out.coordinates.size();
      out.rings.push_back(static_cast<std::uint32_t>(begin / 2));
      out.coordinates.resize(begin + 2 * (ring.size() + 1));
      double* to = out.coordinates.data() + begin;
      const auto put = [&](const Corner& corner) {
        const double x = corner.x;
        const double y = corner.y;
        *to++ = transform[0] + x * transform[1] + y * transform[2];
        *to++ = transform[3] + x * transform[4] + y * transform[5];
      };
      // Shapes run the other way round.
      put(ring.front());
      for (std::size_t i = ring.size(); i-- > 0;) put(ring[i]);
    }
  });
  polygonizer.push(mask, height);
  polygonizer.finish();
  out.rings.push_back(static_cast<std::uint32_t>(out.coordinates.size() / 2));
  out.polygons.push_back(static_cast<std::uint32_t>(out.rings.size() - 1));
  return out;
}

}  // namespace fair::vector
