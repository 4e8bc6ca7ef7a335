// Times the polygonizer on a raw 8-bit mask and prints one JSON document.
// usage: bench_polygonize MASK.raw WIDTH HEIGHT [RUNS=7] [STRIP_ROWS=0]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "core/vector/polygonize.h"
#include "core/vector/shape_polygons.h"

int main(int argc, char** argv) {
  using namespace fair::vector;
  if (argc < 4) return std::fputs("usage: bench_polygonize MASK.raw WIDTH HEIGHT [RUNS=7] [STRIP_ROWS=0]\n", stderr), 2;
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  const int width = std::atoi(argv[2]);
  const int height = std::atoi(argv[3]);
  const int runs = argc > 4 ? std::atoi(argv[4]) : 7;
  const int strip = argc > 5 && std::atoi(argv[5]) > 0 ? std::atoi(argv[5]) : height;
  if (width <= 0 || height <= 0 || bytes.size() != static_cast<std::size_t>(width) * static_cast<std::size_t>(height)) {
    std::fprintf(stderr, "bench_polygonize: %s: expected %d x %d bytes, found %zu\n", argv[1], width, height, bytes.size());
    return 1;
  }
  const auto* mask = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::printf("{");
  for (const auto connectivity : {Connectivity::four, Connectivity::eight}) {
    std::vector<double> seconds;
    long long shapes = 0;
    long long corners = 0;
    long long pixels = 0;
    for (int run = 0; run < runs; ++run) {
      shapes = corners = pixels = 0;
      const auto start = std::chrono::steady_clock::now();
      PolygonizeOptions options;
      options.width = width;
      options.connectivity = connectivity;
      Polygonizer polygonizer(options, [&](Shape&& shape) {
        ++shapes;
        for (const auto& ring : shape.rings) corners += static_cast<long long>(ring.size());
        pixels += ring_area(shape);
      });
      for (int y = 0; y < height; y += strip)
        polygonizer.push(mask + static_cast<std::size_t>(y) * static_cast<std::size_t>(width), std::min(strip, height - y));
      polygonizer.finish();
      seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    std::sort(seconds.begin(), seconds.end());
    std::printf("%s\"%d\": {\"median_s\": %.5f, \"min_s\": %.5f, \"shapes\": %lld, \"corners\": %lld, \"area\": %lld}",
                connectivity == Connectivity::four ? "" : ", ", static_cast<int>(connectivity), seconds[seconds.size() / 2], seconds.front(), shapes,
                corners, pixels);
  }
  std::printf("}\n");
  return 0;
}
