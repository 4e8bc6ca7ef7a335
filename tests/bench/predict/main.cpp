// What predicting costs beside the model's own run: the same windows through the whole pipeline and through the bare session, in turns.
// usage: bench_predict MODEL.onnx IMAGE.rgb WIDTH HEIGHT [ROUNDS [all]]     IMAGE.rgb: interleaved 8-bit RGB, e.g. from gdal_translate -of ENVI -co
// INTERLEAVE=BIP
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
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
#include "core/plugin/plugin_config.h"
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
  std::vector<double> wall, cpu, faults;

  template <class F>
  void measure(F&& work) {
    const double cpu_before = cpu_ms(), faults_before = page_faults();
    const auto start = Clock::now();
    work();
    wall.push_back(ms_since(start));
    cpu.push_back(cpu_ms() - cpu_before);
    faults.push_back(page_faults() - faults_before);
  }
  [[nodiscard]] double best() const { return *std::min_element(wall.begin(), wall.end()); }

 private:
  static double page_faults() {
    rusage use{};
    getrusage(RUSAGE_SELF, &use);
    return static_cast<double>(use.ru_minflt);
  }
  static double cpu_ms() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
  }
};

void print(const char* what, std::int32_t batch, const infer::Session& session, bool spinning, const Times& t) {
  std::printf(
      "%-13s batch %d threads %d lanes %d spinning %d   wall: median %8.1f min %8.1f   processors: median %8.1f min %8.1f ms   page faults %.0f   "
      "(%zu rounds)\n",
      what, batch, session.info().threads, session.lanes(), spinning ? 1 : 0, median(t.wall), t.best(), median(t.cpu),
      *std::min_element(t.cpu.begin(), t.cpu.end()), median(t.faults), t.wall.size());
}

/// A session setting, and how long all windows take through it alone and through the pipeline.
struct Setting {
  std::int32_t batch = 1;
  infer::SessionOptions options;
  std::unique_ptr<infer::Session> session;
  Times bare, predict;
};

void run_bare(infer::Session& session, const std::vector<float>& windows, std::int64_t count, std::int64_t batch) {
  constexpr std::int64_t size = 3LL * window * window;
  std::atomic<std::int64_t> next{0};
  const auto lane = [&] {
    for (std::int64_t i = next.fetch_add(batch); i < count; i = next.fetch_add(batch)) {
      const std::int64_t n = std::min(batch, count - i);
      const TensorView input{const_cast<float*>(windows.data() + i * size), DType::f32, 4, {n, 3, window, window}};
      if (!session.run(input)) std::exit(1);
    }
  };
  std::vector<std::thread> others;
  for (int k = 1; k < session.lanes(); ++k) others.emplace_back(lane);
  lane();
  for (std::thread& thread : others) thread.join();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: %s MODEL.onnx IMAGE.rgb WIDTH HEIGHT [ROUNDS [all]]\n", argv[0]);
    return 2;
  }
  const std::int32_t width = std::atoi(argv[3]) / 512 * 512;
  const std::int32_t height = std::atoi(argv[4]) / 512 * 512;
  const int rounds = argc > 5 ? std::atoi(argv[5]) : 7;
  const bool all = argc > 6;  // the pipeline with every setting, too: what the default was chosen from
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
  const auto plugin = loaded ? loaded->create(plugin::plugin_config(model)) : tl::unexpected(loaded.error());
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
  std::vector<Setting> settings;
  const auto add = [&](std::int32_t batch, int lanes, bool spinning) {
    const infer::SessionOptions wanted{"cpu", cores, lanes, spinning};
    auto session = infer::Session::open(argv[1], wanted);
    if (!session) {
      std::fprintf(stderr, "%s\n", session.error().message().c_str());
      std::exit(1);
    }
    settings.push_back({batch, wanted, std::move(*session), Times{}, Times{}});
  };
  for (const std::int32_t batch : {1, 2, 4, 8}) {
    add(batch, 1, true);
    add(batch, 1, false);
    add(batch, 0, infer::SessionOptions{}.spinning);
  }
  infer::PredictReport last;
  const auto predict_once = [&](const Setting& with) {
    std::vector<std::unique_ptr<infer::BlockSource>> sources;
    sources.push_back(std::make_unique<Picture>(pixels, width, height));
    Count sink;
    infer::PredictOptions options;
    options.inference.batch_size = with.batch;
    auto report = infer::predict(model, *plugin, *with.session, sources, sink, options);
    if (!report) {
      std::fprintf(stderr, "%s\n", report.error().message().c_str());
      std::exit(1);
    }
    last = *report;
  };
  // One round of all settings finds the likely best; those are then measured in turns with the pipeline.
  for (Setting& s : settings) {
    run_bare(*s.session, windows, std::min<std::int64_t>(count, 8), s.batch);
    s.bare.measure([&] { run_bare(*s.session, windows, count, s.batch); });
  }
  std::sort(settings.begin(), settings.end(), [](const Setting& a, const Setting& b) { return a.bare.best() < b.bare.best(); });
  Setting& ours = *std::find_if(settings.begin(), settings.end(),
                                [&](const Setting& s) { return s.options.lanes == 0 && s.batch == s.session->suggested_batch(); });
  predict_once(ours);
  // The two best of either kind, or all of them.
  std::vector<Setting*> measured;
  for (const bool loop : {true, false}) {
    std::size_t of_kind = 0;
    for (Setting& s : settings) {
      if ((s.options.lanes == 1) == loop && (all || ++of_kind <= 2)) measured.push_back(&s);
    }
  }
  for (int r = 0; r < rounds; ++r) {
    for (Setting* s : measured) {
      s->bare.measure([&] { run_bare(*s->session, windows, count, s->batch); });
      if (all && s != &ours) s->predict.measure([&] { predict_once(*s); });
    }
    ours.predict.measure([&] { predict_once(ours); });
  }
  // The bare loop as anybody would write it, one run after the other, and, harder, the same runs side by side.
  double loop_median = 1e300, side_median = 1e300;
  for (const Setting& s : settings) {
    print("bare session", s.batch, *s.session, s.options.spinning, s.bare);
    if (!s.predict.wall.empty()) print("predict", s.batch, *s.session, s.options.spinning, s.predict);
    if (s.bare.wall.size() < 2) continue;
    double& best = s.options.lanes == 1 ? loop_median : side_median;
    best = std::min(best, median(s.bare.wall));
  }
  const double ours_median = median(ours.predict.wall);
  std::printf("%lld windows of %d x %d overlapping by %d, %lld features\n", static_cast<long long>(last.windows_run), window, window, overlap,
              static_cast<long long>(last.features));
  std::printf("predict with its default (batch %d, %d lanes) / best bare loop: %.3f; / best bare session with runs side by side: %.3f (medians)\n",
              ours.batch, ours.session->lanes(), ours_median / loop_median, ours_median / side_median);
  return 0;
}
