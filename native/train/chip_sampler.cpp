#include "native/train/chip_sampler.h"

#include <numeric>
#include <utility>

#include "core/raster/resample.h"

namespace fair::train {
namespace {

constexpr std::int32_t largest_side = 4096;  // of what raster::resized takes

/// Streams of random numbers: one a sample, as other samplers have them, and one a pass for its order.
constexpr std::uint64_t order_stream = 0x9d1c'0a1e'0000'0000ULL;

double mean_of(const raster::Image& image) {
  return static_cast<double>(std::accumulate(image.pixels.begin(), image.pixels.end(), std::uint64_t{0})) / static_cast<double>(image.pixels.size());
}

}  // namespace

Result<ChipSampler> ChipSampler::create(std::shared_ptr<io::DatasetPack> pack, ChipSampling sampling) {
  for (const auto* values : {&sampling.preparation.scale, &sampling.preparation.offset}) {
    if (values->size() != 1 && values->size() != image_channels) {
      return fail(Code::incompatible, "value scaling of the model's input", "one entry or " + std::to_string(image_channels),
                  std::to_string(values->size()), "correct the model's item");
    }
  }
  ChipSampler sampler;
  for (const io::PackedChip& chip : pack->chips()) {
    if (chip.part == io::Part::holdout) continue;
    const Json value = chip.labels.is_object() ? chip.labels.value("class", Json()) : Json();
    const auto place = value.is_number_integer() ? sampling.place_of_value.find(value.get<int>()) : sampling.place_of_value.end();
    if (place == sampling.place_of_value.end()) {
      return fail(Code::incompatible, "chip " + chip.name, "a class that the model tells apart", value.is_null() ? "none" : value.dump(),
                  "make the dataset with --task classification and the model's classes");
    }
    if (chip.channels != image_channels || chip.width > largest_side || chip.height > largest_side) {
      return fail(Code::invalid, "chip " + chip.name,
                  std::to_string(image_channels) + " channels and sides of at most " + std::to_string(largest_side) + " pixels",
                  std::to_string(chip.channels) + " channels, " + std::to_string(chip.width) + " x " + std::to_string(chip.height) + " pixels",
                  "make the dataset anew from smaller chips");
    }
    (chip.part == io::Part::train ? sampler.train_ : sampler.validation_).push_back({&chip, place->second});
  }
  if (sampler.train_.empty()) return fail(Code::invalid, "dataset", "chips to train on", "none", "make it with another --val-ratio or --holdout");
  sampler.pack_ = std::move(pack);
  sampler.sampling_ = std::move(sampling);
  return sampler;
}

ChipSamples ChipSampler::room_for(std::int64_t batch) const {
  const std::int64_t n = sampling_.side;
  return {at::empty({batch, n, n, image_channels}, at::kFloat).permute({0, 3, 1, 2}), at::empty({batch}, at::kLong)};
}

void ChipSampler::fill(const Labelled& one, const onnx::CounterRandom* random, float* pixels) const {
  const io::PackedChip& chip = *one.chip;
  const std::int64_t n = sampling_.side;
  const raster::ImageView whole{chip.pixels, chip.width, chip.height, chip.channels, static_cast<std::int64_t>(chip.width) * chip.channels, nullptr};
  const raster::Image image = raster::resized(whole, sampling_.side, sampling_.side);
  const raster::Turn turn = random != nullptr ? drawn_turn(sampling_.augmentation, *random, n) : raster::Turn(false, 0, n);
  const Colours colours = random != nullptr ? Colours::drawn(sampling_.preparation, mean_of(image), sampling_.augmentation, *random)
                                            : Colours::plain(sampling_.preparation);
  const std::int64_t step = turn.step(n) * image_channels;
  for (std::int64_t y = 0; y < n; ++y) {
    const std::uint8_t* from = image.pixels.data() + turn.row(y, n) * image_channels;
    for (std::int64_t x = 0; x < n; ++x, from += step) {
      for (int c = 0; c < image_channels; ++c) *pixels++ = colours.tables[static_cast<std::size_t>(c)][from[c]];
    }
  }
  colours.saturate(pixels - n * n * image_channels, n * n);
}

std::size_t ChipSampler::shuffled(std::int64_t at) const {
  const std::size_t n = train_.size();
  const auto pass = static_cast<std::uint64_t>(at) / n;
  const std::size_t place = static_cast<std::uint64_t>(at) % n;
  const onnx::CounterRandom random(sampling_.seed, order_stream + pass);
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = 0; i <= place; ++i) std::swap(order[i], order[i + random.below(i, n - i)]);
  return order[place];
}

ChipSamples ChipSampler::draw(std::int64_t step, BatchPart part) const {
  ChipSamples out = room_for(part.count);
  const std::int64_t size = image_channels * static_cast<std::int64_t>(sampling_.side) * sampling_.side;
  for (int b = 0; b < part.count; ++b) {
    const int place = part.first + b;
    const onnx::CounterRandom random(sampling_.seed, static_cast<std::uint64_t>(step) * 4096 + static_cast<std::uint64_t>(place));
    const Labelled& one = train_[shuffled(step * part.whole + place)];
    fill(one, &random, out.pixels.data_ptr<float>() + b * size);
    out.labels.data_ptr<std::int64_t>()[b] = one.label;
  }
  return out;
}

ChipSamples ChipSampler::validation(std::int64_t first, int count) const {
  const std::int64_t last = std::min<std::int64_t>(first + count, validation_chips());
  ChipSamples out = room_for(last - first);
  const std::int64_t size = image_channels * static_cast<std::int64_t>(sampling_.side) * sampling_.side;
  for (std::int64_t i = first; i < last; ++i) {
    const Labelled& one = validation_[static_cast<std::size_t>(i)];
    fill(one, nullptr, out.pixels.data_ptr<float>() + (i - first) * size);
    out.labels.data_ptr<std::int64_t>()[i - first] = one.label;
  }
  return out;
}

std::vector<std::int64_t> ChipSampler::training_chips(std::size_t classes) const {
  std::vector<std::int64_t> out(classes, 0);
  for (const Labelled& one : train_) ++out.at(static_cast<std::size_t>(one.label));
  return out;
}

}  // namespace fair::train
