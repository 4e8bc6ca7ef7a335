#include "native/train/box_sampler.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/raster/resample.h"
#include "native/train/setting.h"

namespace fair::train {
namespace {

constexpr int channels = image_channels;
constexpr std::uint8_t grey = 114;
constexpr double least_share = 0.1, least_side = 2.0;

// Where in a sample's stream of random numbers each choice lies.
enum Choice : std::uint64_t { mosaic, chips, scale = 8, shift_x, shift_y, meet_x, meet_y, turn, hue, saturation, value };

double around(const onnx::CounterRandom& random, Choice i, double reach) { return reach * (2.0 * random.uniform(i) - 1.0); }

}  // namespace

BoxAugmentation BoxAugmentation::from(const Json& augment) {
  BoxAugmentation out;
  out.mosaic = setting<double>(augment, "mosaic", out.mosaic);
  out.flip = setting<bool>(augment, "flip", out.flip);
  out.rotate = setting<bool>(augment, "rotate", out.rotate);
  out.hue = setting<double>(augment, "hue", out.hue);
  out.saturation = setting<double>(augment, "saturation", out.saturation);
  out.value = setting<double>(augment, "value", out.value);
  out.scale = setting<double>(augment, "scale", out.scale);
  out.translate = setting<double>(augment, "translate", out.translate);
  return out;
}

BoxSampler::Canvas::Canvas(std::int64_t s) : side(s), bytes(static_cast<std::size_t>(s * s * channels), grey) {}

Result<BoxSampler> BoxSampler::create(std::shared_ptr<io::DatasetPack> pack, const BoxSampling& how) {
  BoxSampler sampler;
  sampler.how_ = how;
  for (const io::PackedChip& packed : pack->chips()) {
    if (packed.part == io::Part::holdout) continue;
    if (packed.channels != channels)
      return fail(Code::invalid, "chip " + packed.name, std::to_string(channels) + " channels", std::to_string(packed.channels),
                  "make the dataset anew");
    Chip chip{&packed, {}};
    const Json boxes = packed.labels.is_object() ? packed.labels.value("boxes", Json()) : Json();
    if (!boxes.is_array())
      return fail(Code::incompatible, "chip " + packed.name, "boxes, if only an empty list", "none", "make the dataset with --task detection");
    for (const Json& box : boxes) {
      const bool numbers = box.is_array() && box.size() == 5 && std::all_of(box.begin(), box.end(), [](const Json& v) { return v.is_number(); });
      if (!numbers)
        return fail(Code::invalid, "a box of chip " + packed.name, "x0, y0, x1, y1 and a class value", box.dump(), "make the dataset anew");
      const auto label = how.index_of_value.find(box[4].get<int>());
      if (label == how.index_of_value.end()) {
        return fail(Code::incompatible, "a box of chip " + packed.name, "a class of the model", "class value " + box[4].dump(),
                    "correct the labels, or choose a model with that class");
      }
      chip.things.push_back(
          {box[0].get<double>(), box[1].get<double>(), box[2].get<double>(), box[3].get<double>(), static_cast<int>(label->second)});
    }
    (packed.part == io::Part::train ? sampler.train_ : sampler.validation_).push_back(std::move(chip));
  }
  if (sampler.train_.empty()) return fail(Code::invalid, "dataset", "chips to train on", "none", "make it from more chips");
  sampler.pack_ = std::move(pack);
  return sampler;
}

void BoxSampler::lay(const Chip& chip, double scale, Corner corner, Place within, Canvas& canvas) {
  const io::PackedChip& from = *chip.pixels;
  const auto sized = [&](std::int32_t length) { return std::max(1, static_cast<std::int32_t>(std::lround(length * scale))); };
  const std::int32_t width = sized(from.width), height = sized(from.height);
  const std::int64_t left = corner.right_of_x ? corner.x : corner.x - width, top = corner.below_y ? corner.y : corner.y - height;
  const std::int64_t x0 = std::max<std::int64_t>(within.x0, left), y0 = std::max<std::int64_t>(within.y0, top);
  const std::int64_t x1 = std::min<std::int64_t>(within.x1, left + width), y1 = std::min<std::int64_t>(within.y1, top + height);
  if (x0 >= x1 || y0 >= y1) return;
  // Resized as prediction resizes imagery.
  const raster::Image image =
      raster::resized({from.pixels, from.width, from.height, channels, static_cast<std::int64_t>(from.width) * channels, nullptr}, width, height);
  for (std::int64_t y = y0; y < y1; ++y) {
    const auto row = image.pixels.begin() + ((y - top) * width + x0 - left) * channels;
    std::copy(row, row + (x1 - x0) * channels, canvas.bytes.begin() + (y * canvas.side + x0) * channels);
  }
  const double across = static_cast<double>(width) / from.width, down = static_cast<double>(height) / from.height;
  for (const Thing& t : chip.things) {
    const Thing whole{t.x0 * across + static_cast<double>(left), t.y0 * down + static_cast<double>(top), t.x1 * across + static_cast<double>(left),
                      t.y1 * down + static_cast<double>(top), t.label};
    const Thing seen{std::max(static_cast<double>(x0), whole.x0), std::max(static_cast<double>(y0), whole.y0),
                     std::min(static_cast<double>(x1), whole.x1), std::min(static_cast<double>(y1), whole.y1), t.label};
    const double w = seen.x1 - seen.x0, h = seen.y1 - seen.y0;
    if (w >= least_side && h >= least_side && w * h >= least_share * (whole.x1 - whole.x0) * (whole.y1 - whole.y0)) canvas.things.push_back(seen);
  }
}

void BoxSampler::compose(const onnx::CounterRandom& random, Canvas& canvas) const {
  const BoxAugmentation& a = how_.augmentation;
  const std::int64_t n = canvas.side;
  const auto side = static_cast<double>(n);
  const double zoom = 1.0 + around(random, Choice::scale, a.scale);
  const double shift_x = around(random, Choice::shift_x, a.translate) * side, shift_y = around(random, Choice::shift_y, a.translate) * side;
  const auto chip = [&](std::uint64_t i) -> const Chip& { return train_[random.below(Choice::chips + i, train_.size())]; };
  if (random.uniform(Choice::mosaic) >= a.mosaic) {
    const double scale = zoom * side / chip(0).longest();
    const auto middle = [&](std::int32_t length, double shift) { return std::llround((side - scale * length) / 2 + shift); };
    lay(chip(0), scale, {middle(chip(0).pixels->width, shift_x), middle(chip(0).pixels->height, shift_y), true, true}, {0, 0, n, n}, canvas);
    return;
  }
  // Four chips meet at a point somewhere on the sample, a corner each.
  const auto meeting = [&](Choice i, double shift) {
    return std::llround(std::clamp(side / 2 + around(random, i, 0.5) * zoom * side + shift, 0.0, side));
  };
  const std::int64_t x = meeting(Choice::meet_x, shift_x), y = meeting(Choice::meet_y, shift_y);
  for (std::uint64_t i = 0; i < 4; ++i) {
    const bool right = i % 2 == 1, lower = i / 2 == 1;
    lay(chip(i), zoom * side / chip(i).longest(), {x, y, right, lower}, {right ? x : 0, lower ? y : 0, right ? n : x, lower ? n : y}, canvas);
  }
}

void BoxSampler::colour(const onnx::CounterRandom& random, Canvas& canvas) const {
  const BoxAugmentation& a = how_.augmentation;
  const auto more = static_cast<float>(1.0 + around(random, Choice::saturation, a.saturation));
  const auto bright = static_cast<float>(1.0 + around(random, Choice::value, a.value));
  // A turn of the hue is a turn about the grey axis, here the matrix of it (hue in whole turns).
  const double angle = around(random, Choice::hue, a.hue) * 6.283185307179586;
  const double c = std::cos(angle), s = std::sin(angle) / std::sqrt(3.0), k = (1 - c) / 3;
  const auto same = static_cast<float>(c + k), next = static_cast<float>(k - s), other = static_cast<float>(k + s);
  for (std::uint8_t* p = canvas.bytes.data(); p < canvas.bytes.data() + canvas.bytes.size(); p += channels) {
    const auto r = static_cast<float>(p[0]), g = static_cast<float>(p[1]), b = static_cast<float>(p[2]);
    const std::array<float, 3> turned{same * r + next * g + other * b, other * r + same * g + next * b, next * r + other * g + same * b};
    // HSV's saturation is how far the others lie below the largest.
    const float most = std::max({turned[0], turned[1], turned[2]});
    for (int i = 0; i < channels; ++i) {
      const float v = std::max(0.0F, most - (most - turned[static_cast<std::size_t>(i)]) * more) * bright;
      p[i] = static_cast<std::uint8_t>(std::clamp(v + 0.5F, 0.0F, 255.0F));
    }
  }
}

void BoxSampler::hand_out(const Canvas& canvas, bool across, bool down, bool transposed, std::int64_t place, float* pixels,
                          std::vector<float>& rows) const {
  const std::int64_t n = canvas.side;
  const auto tables = Colours::plain(how_.preparation).tables;
  for (std::int64_t y = 0; y < n; ++y) {
    for (std::int64_t x = 0; x < n; ++x) {
      const std::int64_t column = across ? n - 1 - (transposed ? y : x) : (transposed ? y : x);
      const std::int64_t row = down ? n - 1 - (transposed ? x : y) : (transposed ? x : y);
      const std::uint8_t* from = &canvas.bytes[static_cast<std::size_t>((row * n + column) * channels)];
      for (int c = 0; c < channels; ++c) *pixels++ = tables[static_cast<std::size_t>(c)][from[c]];
    }
  }
  const auto side = static_cast<double>(n);
  for (Thing t : canvas.things) {
    if (across) t = {side - t.x1, t.y0, side - t.x0, t.y1, t.label};
    if (down) t = {t.x0, side - t.y1, t.x1, side - t.y0, t.label};
    if (transposed) t = {t.y0, t.x0, t.y1, t.x1, t.label};
    for (const double v : {static_cast<double>(place), static_cast<double>(t.label), t.x0, t.y0, t.x1, t.y1}) rows.push_back(static_cast<float>(v));
  }
}

Batch BoxSampler::batch_of(at::Tensor pixels, const std::vector<float>& rows) const {
  at::Tensor targets = at::empty({static_cast<std::int64_t>(rows.size()) / 6, 6}, at::kFloat);
  std::copy(rows.begin(), rows.end(), targets.data_ptr<float>());
  return {pixels.permute({0, 3, 1, 2}), {std::move(targets)}};
}

Batch BoxSampler::draw(std::int64_t step, BatchPart part) const {
  const std::int64_t n = how_.side;
  const at::Tensor pixels = at::empty({part.count, n, n, channels}, at::kFloat);
  std::vector<float> rows;
  const BoxAugmentation& a = how_.augmentation;
  for (int b = 0; b < part.count; ++b) {
    const onnx::CounterRandom random(how_.seed, static_cast<std::uint64_t>(step) * 4096 + static_cast<std::uint64_t>(part.first + b));
    Canvas canvas(n);
    compose(random, canvas);
    colour(random, canvas);
    const std::uint64_t turns = random.bits(Choice::turn);
    hand_out(canvas, a.flip && (turns & 1U) != 0, a.flip && (turns & 2U) != 0, a.rotate && (turns & 4U) != 0, b,
             pixels.data_ptr<float>() + b * n * n * channels, rows);
  }
  return batch_of(pixels, rows);
}

Batch BoxSampler::validation(std::int64_t first, int count) const {
  const std::int64_t n = how_.side, last = std::min<std::int64_t>(first + count, validation_chips());
  const at::Tensor pixels = at::empty({last - first, n, n, channels}, at::kFloat);
  std::vector<float> rows;
  for (std::int64_t i = first; i < last; ++i) {
    const Chip& chip = validation_[static_cast<std::size_t>(i)];
    Canvas canvas(n);
    const double scale = static_cast<double>(n) / chip.longest();
    lay(chip, scale, {0, 0, true, true}, {0, 0, n, n}, canvas);
    hand_out(canvas, false, false, false, i - first, pixels.data_ptr<float>() + (i - first) * n * n * channels, rows);
  }
  return batch_of(pixels, rows);
}

}  // namespace fair::train
