// Times the polygonizer alone and the whole way to features on a raw 8-bit mask, in turn, and prints one JSON document.
// usage: bench_vectorize MASK.raw WIDTH HEIGHT [RUNS=7] [METRES_A_PIXEL=0.3]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "core/vector/geojson.h"
#include "core/vector/vectorize.h"

namespace {

template <class Work>
double seconds(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  using namespace fair;
  if (argc < 4) return std::fputs("usage: bench_vectorize MASK.raw WIDTH HEIGHT [RUNS=7] [METRES_A_PIXEL=0.3]\n", stderr), 2;
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  const int width = std::atoi(argv[2]);
  const int height = std::atoi(argv[3]);
  const int runs = argc > 4 ? std::atoi(argv[4]) : 7;
  const double pixel = argc > 5 ? std::atof(argv[5]) : 0.3;
  if (width <= 0 || height <= 0 || runs <= 0 || bytes.size() != static_cast<std::size_t>(width) * static_cast<std::size_t>(height)) {
    std::fprintf(stderr, "bench_vectorize: %s: expected %d x %d bytes, found %zu\n", argv[1], width, height, bytes.size());
    return 1;
  }
  const auto* mask = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const geo::GeoTransform transform{{9460000.0, pixel, 0, 3200000.0, 0, -pixel}};
  std::vector<double> shapes_s;
  std::vector<double> features_s;
  std::vector<double> text_s;
  std::size_t shapes = 0;
  std::size_t corners = 0;
  std::vector<vector::Feature> features;
  std::string text;
  for (int run = 0; run < runs; ++run) {
    shapes = 0;
    shapes_s.push_back(seconds([&] {
      vector::PolygonizeOptions options;
      options.width = width;
      vector::Polygonizer polygonizer(options, [&](vector::Shape&&) { ++shapes; });
      polygonizer.push(mask, height);
      polygonizer.finish();
    }));
    features_s.push_back(seconds([&] {
      vector::Vectorizer vectorizer({}, geo::Crs::web_mercator, transform, width, 0, 0, -1);
      vectorizer.push(mask, height);
      vectorizer.finish();
      features = vectorizer.take();
    }));
    text.clear();
    text_s.push_back(seconds([&] {
      for (const auto& feature : features) vector::append_text(text, feature, "building");
    }));
  }
  for (const auto& feature : features) {
    for (const auto& polygon : feature.polygons) {
      for (const auto& ring : polygon) corners += ring.size();
    }
  }
  std::printf(
      "{\"shapes\": %zu, \"features\": %zu, \"corners\": %zu, \"text_bytes\": %zu, \"polygonize_s\": %.5f, \"vectorize_s\": %.5f, \"text_s\": "
      "%.5f}\n",
      shapes, features.size(), corners, text.size(), median(shapes_s), median(features_s), median(text_s));
  return 0;
}
