#include "core/vector/watershed.h"

#include <algorithm>
#include <array>

namespace fair::vector {
namespace {

using Index = std::int32_t;

/// Basins as they grow: union-find over the peaks.
class Basins {
 public:
  Index add(std::uint16_t peak) {
    const auto id = static_cast<Index>(parent_.size());
    parent_.push_back(id);
    peaks_.push_back(peak);
    pixels_.push_back(0);
    return id;
  }
  Index find(Index id) {
    while (parent_[at(id)] != id) {
      parent_[at(id)] = parent_[at(parent_[at(id)])];
      id = parent_[at(id)];
    }
    return id;
  }
  /// The higher peak, the older one of equals.
  [[nodiscard]] bool above(Index a, Index b) const { return peaks_[at(a)] != peaks_[at(b)] ? peaks_[at(a)] > peaks_[at(b)] : a < b; }
  void unite(Index into, Index from) {
    parent_[at(from)] = into;
    pixels_[at(into)] += pixels_[at(from)];
  }
  void grow(Index id) { ++pixels_[at(id)]; }
  [[nodiscard]] std::uint16_t peak(Index id) const { return peaks_[at(id)]; }
  [[nodiscard]] std::int64_t pixels(Index id) const { return pixels_[at(id)]; }

 private:
  static std::size_t at(Index id) { return static_cast<std::size_t>(id); }
  std::vector<Index> parent_;
  std::vector<std::uint16_t> peaks_;
  std::vector<std::int64_t> pixels_;
};

/// Pixels inside from the highest to the lowest, row-major among equals.
std::vector<Index> downwards(const std::vector<std::uint16_t>& heights) {
  std::vector<Index> starts(65537, 0);
  for (const std::uint16_t h : heights) {
    if (h != 0) ++starts[65536U - h];  // the count of h stands one place behind where its pixels will begin
  }
  for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  std::vector<Index> order(static_cast<std::size_t>(starts.back()));
  for (std::size_t i = 0; i < heights.size(); ++i) {
    if (heights[i] != 0) order[static_cast<std::size_t>(starts[65535U - heights[i]]++)] = static_cast<Index>(i);
  }
  return order;
}

}  // namespace

std::vector<std::int32_t> watershed(const std::vector<std::uint16_t>& heights, std::int32_t width, std::int32_t height,
                                    const WatershedOptions& options) {
  std::vector<Index> label(heights.size(), -1);
  Basins basins;
  for (const Index at : downwards(heights)) {
    const std::uint16_t level = heights[static_cast<std::size_t>(at)];
    const Index x = at % width;
    const Index y = at / width;
    std::array<Index, 8> near{};
    std::size_t met = 0;
    Index steepest = -1;  // among the neighbours flooded already, the highest
    for (Index dy = -1; dy <= 1; ++dy) {
      for (Index dx = -1; dx <= 1; ++dx) {
        if (options.connectivity == Connectivity::four && dx != 0 && dy != 0) continue;
        if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
        const Index n = at + dy * width + dx;
        if (label[static_cast<std::size_t>(n)] < 0) continue;
        if (steepest < 0 || heights[static_cast<std::size_t>(n)] > heights[static_cast<std::size_t>(steepest)]) steepest = n;
        const Index root = basins.find(label[static_cast<std::size_t>(n)]);
        if (std::find(near.begin(), near.begin() + met, root) == near.begin() + met) near[met++] = root;
      }
    }
    if (met == 0) {
      const Index basin = basins.add(level);
      label[static_cast<std::size_t>(at)] = basin;
      basins.grow(basin);
      continue;
    }
    const Index highest = *std::max_element(near.begin(), near.begin() + met, [&](Index a, Index b) { return basins.above(b, a); });
    const bool highest_small = basins.pixels(highest) < options.min_pixels;
    for (std::size_t i = 0; i < met; ++i) {
      if (near[i] == highest) continue;
      const bool shallow = basins.peak(near[i]) - level < options.depth;
      if (shallow || highest_small || basins.pixels(near[i]) < options.min_pixels) basins.unite(highest, near[i]);
    }
    const Index basin = basins.find(label[static_cast<std::size_t>(steepest)]);
    label[static_cast<std::size_t>(at)] = basin;
    basins.grow(basin);
  }
  std::vector<std::int32_t> number;
  std::int32_t count = 0;
  for (Index& l : label) {
    if (l < 0) {
      l = 0;
      continue;
    }
    const auto root = static_cast<std::size_t>(basins.find(l));
    if (number.size() <= root) number.resize(root + 1, 0);
    if (number[root] == 0) number[root] = ++count;
    l = number[root];
  }
  return label;
}

}  // namespace fair::vector
