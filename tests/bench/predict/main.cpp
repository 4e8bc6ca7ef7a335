// What predicting costs beside the model's own run: the same windows through the whole pipeline and through the bare session, in turns.
// usage: bench_predict MODEL.onnx IMAGE.rgb WIDTH HEIGHT [ROUNDS]     IMAGE.rgb: interleaved 8-bit RGB, e.g. from gdal_translate -of ENVI -co
// INTERLEAVE=BIP
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/plugin/host.h"
#include "core/raster/window.h"
#include "native/infer/driver.h"
#include "native/infer/session.h"

extern "C" std::int32_t fair_plugin_unet_segmentation(const fair_host_table*, fair_plugin_table*);

namespace {

using namespace fair;
using Clock = std::chrono::steady_clock;

constexpr std::int32_t window = 256;

double ms_since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// A picture in memory, in blocks.
class Picture final : public infer::BlockSource {
 public:
  Picture(const std::vector<std::uint8_t>& pixels, std::int32_t width, std::int32_t height) : pixels_(pixels), width_(width) {
    grid_.transform = {{9520000, 0.3, 0, 3203000, 0, -0.3}};
    grid_.block_width = grid_.block_height = 512;
    grid_.columns = width / 512;
    grid_.rows = height / 512;
  }
  const geo::BlockGrid& grid() const override { return grid_; }
  std::string name() const override { return "picture"; }
  Result<std::optional<raster::Image>> fetch(pipeline::Block b) override {
    raster::Image image{512, 512, 3, {}, {}};
    for (std::int64_t y = b.row * 512; y < (b.row + 1) * 512; ++y) {
      const auto from = pixels_.begin() + (y * width_ + b.column * 512) * 3;
      image.pixels.insert(image.pixels.end(), from, from + 512 * 3);
    }
    return std::optional(std::move(image));
  }

 private:
  const std::vector<std::uint8_t>& pixels_;
  std::int32_t width_;
  geo::BlockGrid grid_;
};

class Count final : public infer::FeatureSink {
 public:
  Result<> write(std::vector<vector::Feature>&& features) override {
    count += features.size();
    return {};
  }
  Result<> finish() override { return {}; }
  std::size_t count = 0;
};

/// Wall-clock and processor time. The second hardly depends on what else the machine does.
struct Times {
  std::vector<double> wall, cpu;

  template <class F>
  void measure(F&& work) {
    const double cpu_before = cpu_ms();
    const auto start = Clock::now();
    work();
    wall.push_back(ms_since(start));
    cpu.push_back(cpu_ms() - cpu_before);
  }
  [[nodiscard]] double best() const { return *std::min_element(wall.begin(), wall.end()); }

 private:
  static double cpu_ms() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
  }
};

void print(const char* what, std::int32_t batch, int threads, bool spinning, const Times& t) {
  std::printf("%-13s batch %d threads %d spinning %d   wall: median %8.1f min %8.1f   processors: median %8.1f min %8.1f ms   (%zu rounds)\n", what,
              batch, threads, spinning ? 1 : 0, median(t.wall), t.best(), median(t.cpu), *std::min_element(t.cpu.begin(), t.cpu.end()),
              t.wall.size());
}

/// A session setting and how long all windows take through it alone.
struct Bare {
  std::int32_t batch = 1;
  infer::SessionOptions options;
  std::unique_ptr<infer::Session> session;
  Times times;
};

void run_bare(infer::Session& session, const std::vector<float>& windows, std::int64_t count, std::int64_t batch) {
  constexpr std::int64_t size = 3LL * window * window;
  for (std::int64_t i = 0; i < count; i += batch) {
    const std::int64_t n = std::min(batch, count - i);
    const TensorView input{const_cast<float*>(windows.data() + i * size), DType::f32, 4, {n, 3, window, window}};
    if (!session.run(input)) std::exit(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: %s MODEL.onnx IMAGE.rgb WIDTH HEIGHT [ROUNDS]\n", argv[0]);
    return 2;
  }
  const std::int32_t width = std::atoi(argv[3]) / 512 * 512;
  const std::int32_t height = std::atoi(argv[4]) / 512 * 512;
  const int rounds = argc > 5 ? std::atoi(argv[5]) : 7;
  std::ifstream file(argv[2], std::ios::binary);
  const std::vector<std::uint8_t> pixels(std::istreambuf_iterator<char>(file), {});
  if (width < 512 || height < 512 || pixels.size() < static_cast<std::size_t>(width) * height * 3) {
    std::fprintf(stderr, "%s: expected %d x %d RGB pixels\n", argv[2], width, height);
    return 1;
  }

  stac::ModelSpec model;
  model.id = "bench";
  model.input.shape = {-1, 3, window, window};
  model.output.name = "segmentation";
  model.output.classes = {{0, "background", ""}, {1, "building", ""}};
  const auto loaded = plugin::LoadedPlugin::take(fair_plugin_unet_segmentation, "unet_segmentation");
  const auto plugin = loaded ? loaded->create(model.to_metadata()) : tl::unexpected(loaded.error());
  if (!plugin) {
    std::fprintf(stderr, "%s\n", plugin.error().message().c_str());
    return 1;
  }
  const auto overlap = (*plugin)->description()["tiling"]["overlap"].get<std::int32_t>();

  const raster::WindowAxis across{width, window, overlap};
  const raster::WindowAxis along{height, window, overlap};
  std::vector<float> windows;
  for (std::int64_t j = 0; j < along.count(); ++j) {
    for (std::int64_t i = 0; i < across.count(); ++i) {
      for (int c = 0; c < 3; ++c) {
        for (std::int64_t y = 0; y < window; ++y) {
          for (std::int64_t x = 0; x < window; ++x) {
            windows.push_back(static_cast<float>(pixels[static_cast<std::size_t>(((along.start(j) + y) * width + across.start(i) + x) * 3 + c)]) /
                              255.0F);
          }
        }
      }
    }
  }
  const std::int64_t count = across.count() * along.count();

  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  std::vector<Bare> settings;
  for (const bool spinning : {true, false}) {
    for (const std::int32_t batch : {1, 2, 4, 8}) settings.push_back({batch, {"cpu", cores, spinning}, nullptr, Times{}});
  }
  Times predicted;
  infer::PredictReport last;
  auto ours = infer::Session::open(argv[1], {"cpu", 0, infer::SessionOptions{}.spinning});
  if (!ours) {
    std::fprintf(stderr, "%s\n", ours.error().message().c_str());
    return 1;
  }
  const auto predict_once = [&] {
    Picture* picture = new Picture(pixels, width, height);
    std::vector<std::unique_ptr<infer::BlockSource>> sources;
    sources.emplace_back(picture);
    Count sink;
    infer::PredictOptions options;
    options.inference.batch_size = (*ours)->suggested_batch();
    auto report = infer::predict(model, *plugin, **ours, sources, sink, options);
    if (!report) {
      std::fprintf(stderr, "%s\n", report.error().message().c_str());
      std::exit(1);
    }
    last = *report;
  };
  predict_once();
  for (Bare& bare : settings) {
    auto session = infer::Session::open(argv[1], bare.options);
    if (!session) return 1;
    bare.session = std::move(*session);
    run_bare(*bare.session, windows, std::min<std::int64_t>(count, 8), bare.batch);
  }
  // One round of all settings finds the likely best; those are then measured in turns with the pipeline.
  for (Bare& bare : settings) bare.times.measure([&] { run_bare(*bare.session, windows, count, bare.batch); });
  std::sort(settings.begin(), settings.end(), [](const Bare& a, const Bare& b) { return a.times.best() < b.times.best(); });
  for (int r = 0; r < rounds; ++r) {
    for (std::size_t i = 0; i < 3; ++i) settings[i].times.measure([&] { run_bare(*settings[i].session, windows, count, settings[i].batch); });
    predicted.measure(predict_once);
  }
  for (const Bare& bare : settings) print("bare session", bare.batch, bare.options.threads, bare.options.spinning, bare.times);
  print("predict", (*ours)->suggested_batch(), (*ours)->info().threads, infer::SessionOptions{}.spinning, predicted);
  std::printf("%lld windows of %d x %d overlapping by %d, %lld features\n", static_cast<long long>(last.windows_run), window, window, overlap,
              static_cast<long long>(last.features));
  double best_median = median(settings[0].times.wall);
  double best_min = settings[0].times.best();
  for (std::size_t i = 1; i < 3; ++i) {
    best_median = std::min(best_median, median(settings[i].times.wall));
    best_min = std::min(best_min, settings[i].times.best());
  }
  std::printf("predict / best bare setting: %.3f (medians), %.3f (minima)\n", median(predicted.wall) / best_median, predicted.best() / best_min);
  return 0;
}
