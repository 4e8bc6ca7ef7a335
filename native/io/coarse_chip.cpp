#include "native/io/coarse_chip.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/geo/transform.h"

namespace fair::io {
namespace {

/// Which of `many` pixels the middle of pixel i of `few` lies in.
std::size_t below_middle(std::int32_t i, std::int32_t few, std::int32_t many) {
  return static_cast<std::size_t>((2 * std::int64_t{i} + 1) * many / (2 * std::int64_t{few}));
}

template <class T>
std::vector<T> picked(const std::vector<T>& fine, const Chip& from, const Chip& to) {
  std::vector<T> out;
  if (fine.empty()) return out;
  out.reserve(static_cast<std::size_t>(to.width) * static_cast<std::size_t>(to.height));
  for (std::int32_t y = 0; y < to.height; ++y) {
    const std::size_t row = below_middle(y, to.height, from.height) * static_cast<std::size_t>(from.width);
    for (std::int32_t x = 0; x < to.width; ++x) out.push_back(fine[row + below_middle(x, to.width, from.width)]);
  }
  return out;
}

}  // namespace

Chip coarse_chip(const Chip& chip, double gsd) {
  const geo::GroundSize ground = geo::ground_size(chip.crs, chip.transform, chip.width / 2.0, chip.height / 2.0);
  const double finest = std::sqrt(ground.across * ground.down);
  Chip out = chip;
  if (!(finest > 0) || !(gsd > finest)) return out;
  const auto fewer = [&](std::int32_t pixels) { return std::max<std::int32_t>(1, static_cast<std::int32_t>(std::lround(pixels * finest / gsd))); };
  out.width = fewer(chip.width), out.height = fewer(chip.height);
  const double across = static_cast<double>(chip.width) / out.width, down = static_cast<double>(chip.height) / out.height;
  for (const int i : {1, 4}) out.transform.a[i] *= across;
  for (const int i : {2, 5}) out.transform.a[i] *= down;
  return out;
}

ChipLabel coarse_label(ChipLabel label, const Chip& fine, const Chip& coarse) {
  if (fine.width == coarse.width && fine.height == coarse.height) return label;
  label.mask = picked(label.mask, fine, coarse);
  label.things = picked(label.things, fine, coarse);
  if (const auto boxes = label.labels.find("boxes"); boxes != label.labels.end()) {
    const auto hundredths = [](double v) { return std::round(v * 100) / 100; };
    for (Json& box : *boxes) {
      for (const std::size_t i : {0, 2}) box[i] = hundredths(box[i].get<double>() * coarse.width / fine.width);
      for (const std::size_t i : {1, 3}) box[i] = hundredths(box[i].get<double>() * coarse.height / fine.height);
    }
  }
  return label;
}

}  // namespace fair::io
