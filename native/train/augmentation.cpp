#include "native/train/augmentation.h"

#include <algorithm>
#include <cmath>

#include "native/train/setting.h"

namespace fair::train {

Augmentation Augmentation::from(const Json& augment) {
  Augmentation out;
  out.flip = setting<bool>(augment, "flip", out.flip);
  out.rotate = setting<bool>(augment, "rotate", out.rotate);
  out.color = setting<double>(augment, "color", out.color);
  out.gamma = setting<double>(augment, "gamma", out.gamma);
  out.saturation = setting<double>(augment, "saturation", out.saturation);
  out.gray = setting<double>(augment, "gray", out.gray);
  out.scale = setting<double>(augment, "scale", out.scale);
  out.angle = setting<double>(augment, "angle", out.angle);
  out.stretch = setting<double>(augment, "stretch", out.stretch);
  return out;
}

raster::Turn drawn_turn(const Augmentation& augmentation, const onnx::CounterRandom& random, std::int64_t n) {
  return {augmentation.flip && random.uniform(3) < 0.5, augmentation.rotate ? static_cast<int>(random.below(4, 4)) : 0, n};
}

std::optional<Warp> Warp::drawn(const Augmentation& augmentation, const onnx::CounterRandom& random, const raster::Turn& turn, double width,
                                double height, std::int64_t n) {
  if ((augmentation.scale <= 0 && augmentation.angle <= 0 && augmentation.stretch <= 0) || random.uniform(20) < 0.5) return std::nullopt;
  const auto either_way = [&](std::uint64_t i) { return 2 * random.uniform(i) - 1; };
  const double scale = std::pow(1 + augmentation.scale, either_way(21));
  const double angle = augmentation.angle * either_way(22) * M_PI / 180;
  const double longer = std::pow(1 + augmentation.stretch, either_way(25)), shear = augmentation.stretch * either_way(26);
  const double covered = static_cast<double>(n) / scale;
  const double x = (width - 1) / 2 + std::max(0.0, width - covered) / 2 * either_way(23);
  const double y = (height - 1) / 2 + std::max(0.0, height - covered) / 2 * either_way(24);
  const double along = std::cos(angle) / scale, across = std::sin(angle) / scale;
  // Stretched first, then turned and scaled: (right, down) of the window as drawn -> of the chip.
  const auto to_x = [&](double right, double down) { return (right * longer + down * shear) * along - down / longer * across; };
  const auto to_y = [&](double right, double down) { return (right * longer + down * shear) * across + down / longer * along; };
  const double middle = static_cast<double>(n - 1) / 2;
  const auto x0 = static_cast<double>(turn.x0) - middle, y0 = static_cast<double>(turn.y0) - middle;
  const auto x_right = static_cast<double>(turn.x_right), y_right = static_cast<double>(turn.y_right);
  const auto x_down = static_cast<double>(turn.x_down), y_down = static_cast<double>(turn.y_down);
  return Warp{x + to_x(x0, y0), y + to_y(x0, y0), to_x(x_right, y_right), to_y(x_right, y_right), to_x(x_down, y_down), to_y(x_down, y_down)};
}

}  // namespace fair::train
