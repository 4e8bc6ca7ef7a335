#include "native/train/sampler.h"

#include <algorithm>
#include <utility>

#include "native/onnx/counter_random.h"

namespace fair::train {
namespace {

constexpr int channels = 3;

/// One of the eight ways to lay a square window: where in the chip output pixel (0, 0) comes from, and the steps to its neighbours.
struct Turn {
  std::int64_t x0 = 0, y0 = 0, x_right = 1, y_right = 0, x_down = 0, y_down = 1;

  Turn(bool mirror, int quarters, std::int64_t n) {
    for (int q = 0; q < quarters; ++q) {
      // A quarter turn: what was the way down becomes the way to the right, starting from the lower left corner.
      x0 += x_down * (n - 1);
      y0 += y_down * (n - 1);
      const auto x = x_right;
      const auto y = y_right;
      x_right = -x_down;
      y_right = -y_down;
      x_down = x;
      y_down = y;
    }
    if (mirror) {
      x0 += x_right * (n - 1);
      y0 += y_right * (n - 1);
      x_right = -x_right;
      y_right = -y_right;
    }
  }
};

template <class Tables>
void copy_turned(const io::PackedChip& chip, std::int64_t left, std::int64_t top, const Turn& turn, const Tables& tables, std::int64_t n,
                 float* pixels, std::int64_t* targets) {
  const std::int64_t step = turn.y_right * chip.width + turn.x_right;
  for (std::int64_t y = 0; y < n; ++y) {
    std::int64_t from = (top + turn.y0 + y * turn.y_down) * chip.width + left + turn.x0 + y * turn.x_down;
    for (std::int64_t x = 0; x < n; ++x, from += step) {
      const auto* p = chip.pixels + from * channels;
      for (int c = 0; c < channels; ++c) *pixels++ = tables[static_cast<std::size_t>(c)][p[c]];
      *targets++ = chip.mask[from];
    }
  }
}

double mean_of(const io::PackedChip& chip, std::int64_t left, std::int64_t top, std::int64_t n) {
  std::uint64_t sum = 0;
  for (std::int64_t y = 0; y < n; ++y) {
    const auto* row = chip.pixels + ((top + y) * chip.width + left) * channels;
    for (std::int64_t i = 0; i < n * channels; ++i) sum += row[i];
  }
  return static_cast<double>(sum) / static_cast<double>(n * n * channels);
}

Samples room_for(std::int64_t batch, std::int64_t window) {
  return {at::empty({batch, window, window, channels}, at::kFloat).permute({0, 3, 1, 2}), at::empty({batch, window, window}, at::kLong)};
}

double of(const std::vector<double>& values, int channel) { return values.size() == 1 ? values[0] : values[static_cast<std::size_t>(channel)]; }

}  // namespace

Result<Sampler> Sampler::create(std::shared_ptr<io::DatasetPack> pack, int window, const Preparation& preparation, const Augmentation& augmentation,
                                std::uint64_t seed) {
  for (const auto* values : {&preparation.scale, &preparation.offset}) {
    if (values->size() != 1 && values->size() != channels) {
      return fail(Code::incompatible, "value scaling of the model's input", "one entry or " + std::to_string(channels),
                  std::to_string(values->size()), "correct the model's item");
    }
  }
  Sampler sampler;
  sampler.window_ = window;
  sampler.preparation_ = preparation;
  sampler.augmentation_ = augmentation;
  sampler.seed_ = seed;
  for (const io::PackedChip& chip : pack->chips()) {
    if (chip.mask == nullptr || chip.width < window || chip.height < window) continue;
    if (chip.channels != channels) {
      return fail(Code::invalid, "chip " + chip.name, std::to_string(channels) + " channels", std::to_string(chip.channels), "make the dataset anew");
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
    return fail(Code::invalid, "dataset", "chips of " + std::to_string(window) + " x " + std::to_string(window) + " pixels or more to train on",
                "none", "make it from larger chips");
  }
  sampler.pack_ = std::move(pack);
  return sampler;
}

Sampler::Tables Sampler::plain_tables() const {
  Tables tables{};
  for (int c = 0; c < channels; ++c) {
    for (int v = 0; v < 256; ++v)
      tables[static_cast<std::size_t>(c)][static_cast<std::size_t>(v)] =
          static_cast<float>(v * of(preparation_.scale, c) + of(preparation_.offset, c));
  }
  return tables;
}

Samples Sampler::validation(std::int64_t first, int count) const {
  const std::int64_t n = window_;
  const std::int64_t last = std::min<std::int64_t>(first + count, validation_windows());
  auto out = room_for(last - first, n);
  const auto tables = plain_tables();
  for (std::int64_t i = first; i < last; ++i) {
    const auto& w = validation_[static_cast<std::size_t>(i)];
    auto* targets = out.targets.data_ptr<std::int64_t>() + (i - first) * n * n;
    copy_turned(*w.chip, w.x, w.y, Turn(false, 0, n), tables, n, out.pixels.data_ptr<float>() + (i - first) * n * n * channels, targets);
    for (std::int64_t y = 0; y < n; ++y) std::fill_n(targets + y * n, y < w.fresh_y ? n : w.fresh_x, 255);
  }
  return out;
}

Samples Sampler::draw(std::int64_t step, int batch) const {
  const std::int64_t n = window_;
  auto out = room_for(batch, n);
  for (int b = 0; b < batch; ++b) {
    const onnx::CounterRandom random(seed_, static_cast<std::uint64_t>(step) * 4096 + static_cast<std::uint64_t>(b));
    const io::PackedChip& chip = *train_[random.below(0, train_.size())];
    const auto left = static_cast<std::int64_t>(random.below(1, static_cast<std::uint64_t>(chip.width - window_) + 1));
    const auto top = static_cast<std::int64_t>(random.below(2, static_cast<std::uint64_t>(chip.height - window_) + 1));
    const Turn turn(augmentation_.flip && random.uniform(3) < 0.5, augmentation_.rotate ? static_cast<int>(random.below(4, 4)) : 0, n);
    // Colour: contrast about the mean, brightness, and a little of each channel for itself. All of it maps pixel values one by one.
    const double mean = mean_of(chip, left, top, n);
    const auto around = [&](std::uint64_t i, double reach) { return 1.0 + reach * (2.0 * random.uniform(i) - 1.0); };
    const double contrast = around(5, augmentation_.color);
    const double brightness = around(6, augmentation_.color);
    Tables tables{};
    for (int c = 0; c < channels; ++c) {
      const double tint = around(7 + static_cast<std::uint64_t>(c), augmentation_.color / 3);
      for (int v = 0; v < 256; ++v) {
        const double changed = std::clamp(((v - mean) * contrast + mean * brightness) * tint, 0.0, 255.0);
        tables[static_cast<std::size_t>(c)][static_cast<std::size_t>(v)] =
            static_cast<float>(changed * of(preparation_.scale, c) + of(preparation_.offset, c));
      }
    }
    copy_turned(chip, left, top, turn, tables, n, out.pixels.data_ptr<float>() + b * n * n * channels,
                out.targets.data_ptr<std::int64_t>() + b * n * n);
  }
  return out;
}

std::array<std::int64_t, 256> Sampler::training_pixels() const {
  std::array<std::int64_t, 256> counts{};
  for (const auto* chip : train_) {
    const auto area = static_cast<std::int64_t>(chip->width) * chip->height;
    for (std::int64_t i = 0; i < area; ++i) ++counts[chip->mask[i]];
  }
  return counts;
}

}  // namespace fair::train
