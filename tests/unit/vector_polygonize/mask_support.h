// Masks for the tests: random ones, pictures in text, and a slow flood fill to compare with.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "core/vector/polygonize.h"

namespace fair::vector::test {

struct Mask {
  std::int32_t width = 0, height = 0;
  std::vector<std::uint8_t> values;
};

inline Mask drawn(const std::vector<std::string>& rows) {
  Mask mask{static_cast<std::int32_t>(rows.front().size()), static_cast<std::int32_t>(rows.size()), {}};
  for (const std::string& row : rows) {
    for (const char c : row) mask.values.push_back(c == '.' ? 0 : static_cast<std::uint8_t>(c - '0'));
  }
  return mask;
}

inline Mask random_mask(std::mt19937& random, std::int32_t width, std::int32_t height, double density, int values) {
  Mask mask{width, height, {}};
  std::uniform_real_distribution<double> real(0, 1);
  std::uniform_int_distribution<int> value(1, values);
  for (std::int32_t i = 0; i < width * height; ++i) mask.values.push_back(real(random) < density ? static_cast<std::uint8_t>(value(random)) : 0);
  return mask;
}

/// Shapes of a mask, given in strips of `strip` rows (0: all at once).
inline std::vector<Shape> shapes_of(const Mask& mask, Connectivity connectivity, std::int32_t strip = 0,
                                    const std::vector<std::uint16_t>& scores = {}) {
  std::vector<Shape> shapes;
  PolygonizeOptions options;
  options.width = mask.width;
  options.connectivity = connectivity;
  Polygonizer polygonizer(options, [&](Shape&& shape) { shapes.push_back(std::move(shape)); });
  if (strip == 0) strip = mask.height;
  for (std::int32_t y = 0; y < mask.height; y += strip) {
    const auto offset = static_cast<std::size_t>(y) * static_cast<std::size_t>(mask.width);
    polygonizer.push(mask.values.data() + offset, std::min(strip, mask.height - y), scores.empty() ? nullptr : scores.data() + offset);
  }
  polygonizer.finish();
  return shapes;
}

/// Number of connected shapes by flood fill.
inline int flood_count(const Mask& mask, Connectivity connectivity) {
  std::vector<bool> seen(mask.values.size(), false);
  int count = 0;
  for (std::size_t start = 0; start < mask.values.size(); ++start) {
    if (mask.values[start] == 0 || seen[start]) continue;
    ++count;
    std::vector<std::size_t> todo{start};
    seen[start] = true;
    while (!todo.empty()) {
      const std::size_t at = todo.back();
      todo.pop_back();
      const auto x = static_cast<std::int32_t>(at % static_cast<std::size_t>(mask.width));
      const auto y = static_cast<std::int32_t>(at / static_cast<std::size_t>(mask.width));
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) {
          if (connectivity == Connectivity::four && dx != 0 && dy != 0) continue;
          if (x + dx < 0 || x + dx >= mask.width || y + dy < 0 || y + dy >= mask.height) continue;
          const auto to = static_cast<std::size_t>((y + dy) * mask.width + x + dx);
          if (seen[to] || mask.values[to] != mask.values[start]) continue;
          seen[to] = true;
          todo.push_back(to);
        }
      }
    }
  }
  return count;
}

inline bool same(const Shape& a, const Shape& b) {
  if (a.value != b.value || a.pixels != b.pixels || a.confidence != b.confidence || a.first_x != b.first_x || a.first_y != b.first_y) return false;
  if (a.parts != b.parts || a.rings.size() != b.rings.size()) return false;
  for (std::size_t r = 0; r < a.rings.size(); ++r) {
    if (a.rings[r].size() != b.rings[r].size()) return false;
    for (std::size_t i = 0; i < a.rings[r].size(); ++i) {
      const Corner& p = a.rings[r][i];
      const Corner& q = b.rings[r][i];
      if (p.x != q.x || p.y != q.y || p.junction != q.junction) return false;
    }
  }
  return true;
}

}  // namespace fair::vector::test
