// Core from outside: a mask of one building becomes one feature.
#include <cstdio>
#include <vector>

#include "core/vector/geojson.h"
#include "core/vector/vectorize.h"

int main() {
  constexpr int size = 64;
  std::vector<std::uint8_t> mask(size * size, 0);
  for (int y = 20; y < 40; ++y) {
    for (int x = 10; x < 50; ++x) mask[static_cast<std::size_t>(y * size + x)] = 1;
  }
  fair::geo::GeoTransform metre_pixels;
  fair::vector::VectorizeOptions options;
  options.classes = {{0, "background", ""}, {1, "building", ""}};
  options.output_name = "segmentation";
  fair::vector::Vectorizer vectorizer(options, fair::geo::Crs::web_mercator, metre_pixels, size, 0, 0, -1);
  vectorizer.push(mask.data(), size);
  vectorizer.finish();
  const auto features = vectorizer.take();
  if (features.size() != 1) return 1;
  std::string text;
  fair::vector::append_text(text, features.front(), options.output_name);
  std::puts(text.c_str());
  return features.front().class_name == "building" && features.front().area_m2 > 780 && features.front().area_m2 < 810 ? 0 : 1;
}
