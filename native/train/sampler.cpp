#include "native/train/sampler.h"

#include <algorithm>
#include <utility>

#include "native/onnx/counter_random.h"

namespace fair::train {
namespace {

/// One of the eight ways to lay a square window: mirrored or not, then turned by quarters.
struct Turn {
  bool mirror;
  int quarters;

  void source(int x, int y, int n, int& sx, int& sy) const {
    sx = x;
    sy = y;
    for (int q = 0; q < quarters; ++q) {
      const int t = sx;
      sx = n - 1 - sy;
      sy = t;
    }
    if (mirror) sx = n - 1 - sx;
  }
};

}  // namespace

Result<Sampler> Sampler::create(std::shared_ptr<io::DatasetPack> pack, int window, const Preparation& preparation, const Augmentation& augmentation, std::uint64_t seed) {
  Sampler sampler;
  sampler.window_ = window;
  sampler.preparation_ = preparation;
  sampler.augmentation_ = augmentation;
  sampler.seed_ = seed;
  for (const io::PackedChip& chip : pack->chips()) {
    if (chip.mask == nullptr || chip.width < window || chip.height < window) continue;
    if (chip.channels != sampler.channels_) {
      return fail(Code::invalid, "chip " + chip.name, std::to_string(sampler.channels_) + " channels", std::to_string(chip.channels), "make the dataset anew");
    }
    if (chip.part == io::Part::train) sampler.train_.push_back(&chip);
    if (chip.part != io::Part::val) continue;
    for (int y = 0;; y += window) {
      const int top = std::min(y, chip.height - window);
      for (int x = 0;; x += window) {
        const int left = std::min(x, chip.width - window);
        sampler.validation_.push_back({&chip, left, top, x - left, y - top});
        if (left + window >= chip.width) break;
      }
      if (top + window >= chip.height) break;
    }
  }
  if (sampler.train_.empty()) {
    return fail(Code::invalid, "dataset", "chips of " + std::to_string(window) + " x " + std::to_string(window) + " pixels or more to train on", "none", "make it from larger chips");
  }
  sampler.pack_ = std::move(pack);
  return sampler;
}

void Sampler::read(const Window& w, float* pixels, std::int64_t* targets) const {
  const auto n = static_cast<std::size_t>(window_);
  const auto width = static_cast<std::size_t>(w.chip->width);
  for (std::size_t y = 0; y < n; ++y) {
    const std::size_t row = (static_cast<std::size_t>(w.y) + y) * width + static_cast<std::size_t>(w.x);
    for (std::size_t x = 0; x < n; ++x) {
      for (int c = 0; c < channels_; ++c) {
        const std::size_t s = preparation_.scale.size() == 1 ? 0 : static_cast<std::size_t>(c);
        pixels[static_cast<std::size_t>(c) * n * n + y * n + x] =
            static_cast<float>(w.chip->pixels[(row + x) * static_cast<std::size_t>(channels_) + static_cast<std::size_t>(c)] * preparation_.scale[s] + preparation_.offset[s]);
      }
      const bool seen = x < static_cast<std::size_t>(w.fresh_x) || y < static_cast<std::size_t>(w.fresh_y);
      targets[y * n + x] = seen ? 255 : w.chip->mask[row + x];
    }
  }
}

Samples Sampler::validation(std::int64_t first, int count) const {
  const std::int64_t last = std::min<std::int64_t>(first + count, validation_windows());
  Samples out{at::empty({last - first, channels_, window_, window_}, at::kFloat), at::empty({last - first, window_, window_}, at::kLong)};
  const std::int64_t area = std::int64_t{window_} * window_;
  for (std::int64_t i = first; i < last; ++i) {
    read(validation_[static_cast<std::size_t>(i)], out.pixels.data_ptr<float>() + (i - first) * area * channels_, out.targets.data_ptr<std::int64_t>() + (i - first) * area);
  }
  return out;
}

Samples Sampler::draw(std::int64_t step, int batch) const {
  Samples out{at::empty({batch, channels_, window_, window_}, at::kFloat), at::empty({batch, window_, window_}, at::kLong)};
  const std::size_t n = static_cast<std::size_t>(window_);
  const std::size_t area = n * n;
  std::vector<float> pixels(area * static_cast<std::size_t>(channels_));
  std::vector<std::int64_t> targets(area);
  for (int b = 0; b < batch; ++b) {
    const onnx::CounterRandom random(seed_, static_cast<std::uint64_t>(step) * 4096 + static_cast<std::uint64_t>(b));
    const io::PackedChip& chip = *train_[random.below(0, train_.size())];
    const Window window{&chip, static_cast<std::int32_t>(random.below(1, static_cast<std::uint64_t>(chip.width - window_) + 1)),
                        static_cast<std::int32_t>(random.below(2, static_cast<std::uint64_t>(chip.height - window_) + 1)), 0, 0};
    read(window, pixels.data(), targets.data());
    const Turn turn{augmentation_.flip && random.uniform(3) < 0.5, augmentation_.rotate ? static_cast<int>(random.below(4, 4)) : 0};
    // Colour: contrast about the mean, brightness, and a little of each channel for itself.
    double mean = 0;
    for (const float v : pixels) mean += v;
    mean /= static_cast<double>(pixels.size());
    const auto around = [&](std::uint64_t i, double reach) { return 1.0 + reach * (2.0 * random.uniform(i) - 1.0); };
    const double contrast = around(5, augmentation_.color);
    const double brightness = around(6, augmentation_.color);
    float* const to = out.pixels.data_ptr<float>() + static_cast<std::size_t>(b) * area * static_cast<std::size_t>(channels_);
    std::int64_t* const labels = out.targets.data_ptr<std::int64_t>() + static_cast<std::size_t>(b) * area;
    for (int c = 0; c < channels_; ++c) {
      const double tint = around(7 + static_cast<std::uint64_t>(c), augmentation_.color / 3);
      const std::size_t s = preparation_.scale.size() == 1 ? 0 : static_cast<std::size_t>(c);
      const double a = contrast * tint;
      const double d = (mean * brightness - mean * contrast) * tint;
      const double black = preparation_.offset[s];
      const double white = 255.0 * preparation_.scale[s] + preparation_.offset[s];
      float* const plane = pixels.data() + static_cast<std::size_t>(c) * area;
      for (std::size_t i = 0; i < area; ++i) plane[i] = static_cast<float>(std::clamp(plane[i] * a + d, black, white));
    }
    for (int y = 0; y < window_; ++y) {
      for (int x = 0; x < window_; ++x) {
        int sx = 0;
        int sy = 0;
        turn.source(x, y, window_, sx, sy);
        const std::size_t from = static_cast<std::size_t>(sy) * n + static_cast<std::size_t>(sx);
        const std::size_t at = static_cast<std::size_t>(y) * n + static_cast<std::size_t>(x);
        for (std::size_t c = 0; c < static_cast<std::size_t>(channels_); ++c) to[c * area + at] = pixels[c * area + from];
        labels[at] = targets[from];
      }
    }
  }
  return out;
}

}  // namespace fair::train
