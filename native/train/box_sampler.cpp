#include "native/train/box_sampler.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace fair::train {
namespace {

constexpr int channels = 3;
constexpr std::uint8_t grey = 114;
constexpr double least_share = 0.1, least_side = 2.0;

// Where in a sample's stream of random numbers each choice lies.
enum Choice : std::uint64_t { mosaic, chips, scale = 8, shift_x, shift_y, meet_x, meet_y, turn, hue, saturation, value };

double of(const std::vector<double>& values, int channel) { return values.size() == 1 ? values[0] : values[static_cast<std::size_t>(channel)]; }

double around(const onnx::CounterRandom& random, Choice i, double reach) { return reach * (2.0 * random.uniform(i) - 1.0); }

}  // namespace

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
      chip.things.push_back({box[0].get<double>(), box[1].get<double>(), box[2].get<double>(), box[3].get<double>(), label->second});
    }
    (packed.part == io::Part::train ? sampler.train_ : sampler.validation_).push_back(std::move(chip));
  }
  if (sampler.train_.empty()) return fail(Code::invalid, "dataset", "chips to train on", "none", "make it from more chips");
  sampler.pack_ = std::move(pack);
  return sampler;
}

void BoxSampler::lay(const Chip& chip, double scale, double left, double top, std::array<double, 4> within, Canvas& canvas) {
  const io::PackedChip& from = *chip.pixels;
  const double x0 = std::max({0.0, within[0], left}), y0 = std::max({0.0, within[1], top});
  const double x1 = std::min({static_cast<double>(canvas.side), within[2], left + scale * from.width});
  const double y1 = std::min({static_cast<double>(canvas.side), within[3], top + scale * from.height});
  if (!(x0 < x1) || !(y0 < y1)) return;
  // Bilinear, by the middles of pixels. Columns are the same for every row.
  struct Tap {
    std::int64_t first, second;
    float share;
  };
  const auto tap = [&](std::int64_t at, double begin, std::int32_t extent) {
    const double source = std::clamp((static_cast<double>(at) + 0.5 - begin) / scale - 0.5, 0.0, static_cast<double>(extent - 1));
    const auto first = static_cast<std::int64_t>(source);
    return Tap{first, std::min<std::int64_t>(first + 1, extent - 1), static_cast<float>(source - static_cast<double>(first))};
  };
  const auto column0 = static_cast<std::int64_t>(std::floor(x0)), column1 = static_cast<std::int64_t>(std::ceil(x1));
  std::vector<Tap> columns;
  for (std::int64_t x = column0; x < column1; ++x) columns.push_back(tap(x, left, from.width));
  for (auto y = static_cast<std::int64_t>(std::floor(y0)); y < static_cast<std::int64_t>(std::ceil(y1)); ++y) {
    const Tap row = tap(y, top, from.height);
    const std::uint8_t* upper = from.pixels + row.first * from.width * channels;
    const std::uint8_t* lower = from.pixels + row.second * from.width * channels;
    std::uint8_t* to = &canvas.bytes[static_cast<std::size_t>((y * canvas.side + column0) * channels)];
    for (const Tap& column : columns) {
      const std::int64_t a = column.first * channels, b = column.second * channels;
      for (int c = 0; c < channels; ++c) {
        const float above = static_cast<float>(upper[a + c]) + column.share * static_cast<float>(upper[b + c] - upper[a + c]);
        const float below = static_cast<float>(lower[a + c]) + column.share * static_cast<float>(lower[b + c] - lower[a + c]);
        *to++ = static_cast<std::uint8_t>(above + row.share * (below - above) + 0.5F);
      }
    }
  }
  for (const Thing& t : chip.things) {
    const Thing cut{std::max(x0, t.x0 * scale + left), std::max(y0, t.y0 * scale + top), std::min(x1, t.x1 * scale + left),
                    std::min(y1, t.y1 * scale + top), t.label};
    const double width = cut.x1 - cut.x0, height = cut.y1 - cut.y0;
    const double whole = (t.x1 - t.x0) * (t.y1 - t.y0) * scale * scale;
    if (width >= least_side && height >= least_side && width * height >= least_share * whole) canvas.things.push_back(cut);
  }
}

void BoxSampler::compose(const onnx::CounterRandom& random, Canvas& canvas) const {
  const BoxAugmentation& a = how_.augmentation;
  const auto side = static_cast<double>(canvas.side);
  const double zoom = 1.0 + around(random, Choice::scale, a.scale);
  const double shift_x = around(random, Choice::shift_x, a.translate) * side, shift_y = around(random, Choice::shift_y, a.translate) * side;
  const auto chip = [&](std::uint64_t i) -> const Chip& { return train_[random.below(Choice::chips + i, train_.size())]; };
  if (random.uniform(Choice::mosaic) >= a.mosaic) {
    const double scale = zoom * side / chip(0).longest();
    lay(chip(0), scale, (side - scale * chip(0).pixels->width) / 2 + shift_x, (side - scale * chip(0).pixels->height) / 2 + shift_y,
        {0, 0, side, side}, canvas);
    return;
  }
  // Four chips meet at a point somewhere on the sample, a corner each.
  const double x = std::clamp(side / 2 + around(random, Choice::meet_x, 0.5) * zoom * side + shift_x, 0.0, side);
  const double y = std::clamp(side / 2 + around(random, Choice::meet_y, 0.5) * zoom * side + shift_y, 0.0, side);
  for (std::uint64_t i = 0; i < 4; ++i) {
    const Chip& c = chip(i);
    const double scale = zoom * side / c.longest();
    const bool right = i % 2 == 1, lower = i / 2 == 1;
    lay(c, scale, right ? std::floor(x) : std::floor(x) - scale * c.pixels->width, lower ? std::floor(y) : std::floor(y) - scale * c.pixels->height,
        {right ? std::floor(x) : 0.0, lower ? std::floor(y) : 0.0, right ? side : std::floor(x), lower ? side : std::floor(y)}, canvas);
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
  std::array<std::array<float, 256>, channels> tables{};
  for (int c = 0; c < channels; ++c) {
    for (int v = 0; v < 256; ++v) {
      tables[static_cast<std::size_t>(c)][static_cast<std::size_t>(v)] =
          static_cast<float>(v * of(how_.preparation.scale, c) + of(how_.preparation.offset, c));
    }
  }
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

Batch BoxSampler::draw(std::int64_t step, int batch) const {
  const std::int64_t n = how_.side;
  const at::Tensor pixels = at::empty({batch, n, n, channels}, at::kFloat);
  std::vector<float> rows;
  const BoxAugmentation& a = how_.augmentation;
  for (int b = 0; b < batch; ++b) {
    const onnx::CounterRandom random(how_.seed, static_cast<std::uint64_t>(step) * 4096 + static_cast<std::uint64_t>(b));
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
    lay(chip, scale, 0, 0, {0, 0, static_cast<double>(n), static_cast<double>(n)}, canvas);
    hand_out(canvas, false, false, false, i - first, pixels.data_ptr<float>() + (i - first) * n * n * channels, rows);
  }
  return batch_of(pixels, rows);
}

}  // namespace fair::train
