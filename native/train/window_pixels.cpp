#include "native/train/window_pixels.h"

#include <algorithm>
#include <cmath>

namespace fair::train {
namespace {

double of(const std::vector<double>& values, int channel) { return values.size() == 1 ? values[0] : values[static_cast<std::size_t>(channel)]; }

}  // namespace

InputTables plain_tables(const Preparation& preparation) {
  InputTables tables{};
  for (int c = 0; c < image_channels; ++c) {
    for (int v = 0; v < 256; ++v)
      tables[static_cast<std::size_t>(c)][static_cast<std::size_t>(v)] = static_cast<float>(v * of(preparation.scale, c) + of(preparation.offset, c));
  }
  return tables;
}

InputTables coloured_tables(const Preparation& preparation, double mean, double reach, const onnx::CounterRandom& random) {
  const auto around = [&](std::uint64_t i, double by) { return 1.0 + by * (2.0 * random.uniform(i) - 1.0); };
  const double contrast = around(5, reach);
  const double brightness = around(6, reach);
  InputTables tables{};
  for (int c = 0; c < image_channels; ++c) {
    const double tint = around(7 + static_cast<std::uint64_t>(c), reach / 3);
    for (int v = 0; v < 256; ++v) {
      const double changed = std::clamp(((v - mean) * contrast + mean * brightness) * tint, 0.0, 255.0);
      tables[static_cast<std::size_t>(c)][static_cast<std::size_t>(v)] =
          static_cast<float>(changed * of(preparation.scale, c) + of(preparation.offset, c));
    }
  }
  return tables;
}

raster::Turn drawn_turn(const Augmentation& augmentation, const onnx::CounterRandom& random, std::int64_t n) {
  return {augmentation.flip && random.uniform(3) < 0.5, augmentation.rotate ? static_cast<int>(random.below(4, 4)) : 0, n};
}

std::optional<Warp> Warp::drawn(const Augmentation& augmentation, const onnx::CounterRandom& random, const raster::Turn& turn, double width,
                                double height, std::int64_t n) {
  if ((augmentation.scale <= 0 && augmentation.angle <= 0) || random.uniform(20) < 0.5) return std::nullopt;
  const auto either_way = [&](std::uint64_t i) { return 2 * random.uniform(i) - 1; };
  const double scale = std::pow(1 + augmentation.scale, either_way(21));
  const double angle = augmentation.angle * either_way(22) * M_PI / 180;
  const double covered = static_cast<double>(n) / scale;
  const double x = (width - 1) / 2 + std::max(0.0, width - covered) / 2 * either_way(23);
  const double y = (height - 1) / 2 + std::max(0.0, height - covered) / 2 * either_way(24);
  const double along = std::cos(angle) / scale, across = std::sin(angle) / scale;
  const auto to_x = [&](double right, double down) { return right * along - down * across; };
  const auto to_y = [&](double right, double down) { return right * across + down * along; };
  const double middle = static_cast<double>(n - 1) / 2;
  const auto x0 = static_cast<double>(turn.x0) - middle, y0 = static_cast<double>(turn.y0) - middle;
  const auto x_right = static_cast<double>(turn.x_right), y_right = static_cast<double>(turn.y_right);
  const auto x_down = static_cast<double>(turn.x_down), y_down = static_cast<double>(turn.y_down);
  return Warp{x + to_x(x0, y0), y + to_y(x0, y0), to_x(x_right, y_right), to_y(x_right, y_right), to_x(x_down, y_down), to_y(x_down, y_down)};
}

}  // namespace fair::train
