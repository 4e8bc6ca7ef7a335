#include "native/train/sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "native/onnx/counter_random.h"
#include "native/train/border_target.h"

namespace fair::train {
namespace {

constexpr int channels = image_channels;

double mean_of(const io::PackedChip& chip, std::int64_t left, std::int64_t top, std::int64_t n) {
  std::uint64_t sum = 0;
  for (std::int64_t y = 0; y < n; ++y) {
    const auto* row = chip.pixels + ((top + y) * chip.width + left) * channels;
    for (std::int64_t i = 0; i < n * channels; ++i) sum += row[i];
  }
  return static_cast<double>(sum) / static_cast<double>(n * n * channels);
}

}  // namespace

Sampler::Sampler() { std::iota(target_of_.begin(), target_of_.end(), std::uint8_t{0}); }

void Sampler::know_places(const std::map<int, std::int64_t>& places) {
  target_of_.fill(255);
  for (const auto& [value, place] : places) {
    if (value >= 0 && value < 255) target_of_[static_cast<std::size_t>(value)] = static_cast<std::uint8_t>(place);
  }
}

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

void Sampler::want_borders(double radius) {
  const auto add = [&](const io::PackedChip* chip) { borders_.try_emplace(chip, border_target(chip->things, chip->width, chip->height, radius)); };
  for (const io::PackedChip* chip : train_) add(chip);
  for (const Window& window : validation_) {
    if (borders_.count(window.chip) == 0) add(window.chip);
  }
}

Samples Sampler::room_for(std::int64_t batch) const {
  const std::int64_t n = window_;
  Samples out{at::empty({batch, n, n, channels}, at::kFloat).permute({0, 3, 1, 2}), at::empty({batch, n, n}, at::kLong), {}};
  if (!borders_.empty()) out.borders = at::empty({batch, n, n}, at::kByte);
  return out;
}

void Sampler::lay(const io::PackedChip& chip, std::int64_t left, std::int64_t top, const raster::Turn& turn, const Colours& colours, std::int64_t b,
                  Samples& out) const {
  const std::int64_t n = window_;
  float* pixels = out.pixels.data_ptr<float>() + b * n * n * channels;
  std::int64_t* targets = out.targets.data_ptr<std::int64_t>() + b * n * n;
  const std::int64_t step = turn.step(chip.width);
  const auto first_of_row = [&](std::int64_t y) { return top * chip.width + left + turn.row(y, chip.width); };
  for (std::int64_t y = 0; y < n; ++y) {
    std::int64_t from = first_of_row(y);
    for (std::int64_t x = 0; x < n; ++x, from += step) {
      const auto* p = chip.pixels + from * channels;
      for (int c = 0; c < channels; ++c) *pixels++ = colours.tables[static_cast<std::size_t>(c)][p[c]];
      *targets++ = target_of_[chip.mask[from]];
    }
  }
  colours.saturate(pixels - n * n * channels, n * n);
  if (borders_.empty()) return;
  const std::uint8_t* known = borders_.at(&chip).data();
  std::uint8_t* borders = out.borders.data_ptr<std::uint8_t>() + b * n * n;
  for (std::int64_t y = 0; y < n; ++y) {
    std::int64_t from = first_of_row(y);
    for (std::int64_t x = 0; x < n; ++x, from += step) *borders++ = known[from];
  }
}

void Sampler::lay(const io::PackedChip& chip, const Warp& warp, const Colours& colours, std::int64_t b, Samples& out) const {
  const std::int64_t n = window_;
  float* pixels = out.pixels.data_ptr<float>() + b * n * n * channels;
  std::int64_t* targets = out.targets.data_ptr<std::int64_t>() + b * n * n;
  std::uint8_t* borders = borders_.empty() ? nullptr : out.borders.data_ptr<std::uint8_t>() + b * n * n;
  const std::uint8_t* known = borders_.empty() ? nullptr : borders_.at(&chip).data();
  const auto mirrored = [](std::int64_t at, std::int64_t size) {
    if (at < 0) at = -1 - at;
    if (at >= size) at = 2 * size - 1 - at;
    return std::clamp<std::int64_t>(at, 0, size - 1);
  };
  for (std::int64_t row = 0; row < n; ++row) {
    for (std::int64_t column = 0; column < n; ++column) {
      const auto c = static_cast<double>(column), r = static_cast<double>(row);
      const double x = warp.x0 + c * warp.x_right + r * warp.x_down, y = warp.y0 + c * warp.y_right + r * warp.y_down;
      const auto x_before = static_cast<std::int64_t>(std::floor(x)), y_before = static_cast<std::int64_t>(std::floor(y));
      const auto x_share = static_cast<float>(x - std::floor(x)), y_share = static_cast<float>(y - std::floor(y));
      const std::int64_t x0 = mirrored(x_before, chip.width), x1 = mirrored(x_before + 1, chip.width);
      const std::int64_t y0 = mirrored(y_before, chip.height), y1 = mirrored(y_before + 1, chip.height);
      const auto at = [&](std::int64_t px, std::int64_t py) { return chip.pixels + (py * chip.width + px) * channels; };
      const auto *upper_left = at(x0, y0), *upper_right = at(x1, y0), *lower_left = at(x0, y1), *lower_right = at(x1, y1);
      for (std::size_t k = 0; k < colours.tables.size(); ++k) {
        const auto& table = colours.tables[k];
        const float upper = table[upper_left[k]] + x_share * (table[upper_right[k]] - table[upper_left[k]]);
        const float lower = table[lower_left[k]] + x_share * (table[lower_right[k]] - table[lower_left[k]]);
        *pixels++ = upper + y_share * (lower - upper);
      }
      const std::int64_t nearest = (y_share < 0.5F ? y0 : y1) * chip.width + (x_share < 0.5F ? x0 : x1);
      *targets++ = target_of_[chip.mask[nearest]];
      if (borders != nullptr) *borders++ = known[nearest];
    }
  }
  colours.saturate(pixels - n * n * channels, n * n);
}

Samples Sampler::validation(std::int64_t first, int count) const {
  const std::int64_t n = window_;
  const std::int64_t last = std::min<std::int64_t>(first + count, validation_windows());
  Samples out = room_for(last - first);
  const Colours colours = Colours::plain(preparation_);
  for (std::int64_t i = first; i < last; ++i) {
    const auto& w = validation_[static_cast<std::size_t>(i)];
    lay(*w.chip, w.x, w.y, raster::Turn(false, 0, n), colours, i - first, out);
    auto* targets = out.targets.data_ptr<std::int64_t>() + (i - first) * n * n;
    for (std::int64_t y = 0; y < n; ++y) std::fill_n(targets + y * n, y < w.fresh_y ? n : w.fresh_x, 255);
  }
  return out;
}

Samples Sampler::draw(std::int64_t step, BatchPart part) const {
  const std::int64_t n = window_;
  Samples out = room_for(part.count);
  for (int b = 0; b < part.count; ++b) {
    const onnx::CounterRandom random(seed_, static_cast<std::uint64_t>(step) * 4096 + static_cast<std::uint64_t>(part.first + b));
    const io::PackedChip& chip = *train_[random.below(0, train_.size())];
    const auto left = static_cast<std::int64_t>(random.below(1, static_cast<std::uint64_t>(chip.width - window_) + 1));
    const auto top = static_cast<std::int64_t>(random.below(2, static_cast<std::uint64_t>(chip.height - window_) + 1));
    const raster::Turn turn = drawn_turn(augmentation_, random, n);
    const Colours colours = Colours::drawn(preparation_, mean_of(chip, left, top, n), augmentation_, random);
    if (const auto warp = Warp::drawn(augmentation_, random, turn, chip.width, chip.height, n)) lay(chip, *warp, colours, b, out);
    else lay(chip, left, top, turn, colours, b, out);
  }
  return out;
}

std::array<std::int64_t, 256> Sampler::training_pixels() const {
  std::array<std::int64_t, 256> counts{};
  for (const auto* chip : train_) {
    const auto area = static_cast<std::int64_t>(chip->width) * chip->height;
    for (std::int64_t i = 0; i < area; ++i) ++counts[target_of_[chip->mask[i]]];
  }
  return counts;
}

}  // namespace fair::train
