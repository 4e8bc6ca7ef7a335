#include "core/vector/watershed.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace fair::vector {
namespace {

using Index = std::int32_t;

constexpr Index not_flooded = -1, beyond_the_picture = -2;  // as labels: of pixels outside or still to come, and of a rim where the picture ends
// A cut leaves half of a thing on average, one at a corner a quarter.
constexpr std::int64_t whole_by_cut = 4;

std::size_t at(Index id) { return static_cast<std::size_t>(id); }

/// Basins as they grow: union-find, each root with its peak.
class Basins {
 public:
  Index add(std::uint16_t height, Index place) {
    const auto id = static_cast<Index>(basins_.size());
    basins_.push_back({id, place, height, false, 1});
    return id;
  }
  Index find(Index id) {
    while (basins_[at(id)].parent != id) {
      basins_[at(id)].parent = basins_[at(basins_[at(id)].parent)].parent;
      id = basins_[at(id)].parent;
    }
    return id;
  }
  /// The higher peak, the first in row-major order of equals.
  [[nodiscard]] bool above(Index a, Index b) const {
    const Basin &one = basins_[at(a)], &other = basins_[at(b)];
    return one.peak != other.peak ? one.peak > other.peak : one.place < other.place;
  }
  /// Two roots become one, at the higher; gives it.
  Index unite(Index a, Index b) {
    if (above(b, a)) std::swap(a, b);
    basins_[at(b)].parent = a;
    basins_[at(a)].pixels += basins_[at(b)].pixels;
    basins_[at(a)].cut = basins_[at(a)].cut || basins_[at(b)].cut;
    return a;
  }
  /// A root takes a pixel in; pixels of one height come in row-major order.
  void grow(Index id, std::uint16_t height, Index place) {
    Basin& basin = basins_[at(id)];
    ++basin.pixels;
    if (height > basin.peak) basin.peak = height, basin.place = place;
  }
  [[nodiscard]] std::uint16_t peak(Index id) const { return basins_[at(id)].peak; }
  void cut(Index id) { basins_[at(id)].cut = true; }
  [[nodiscard]] bool smaller(Index id, std::int64_t pixels) const {
    const Basin& basin = basins_[at(id)];
    return basin.pixels < (basin.cut ? pixels / whole_by_cut : pixels);
  }
  [[nodiscard]] std::size_t size() const { return basins_.size(); }

 private:
  struct Basin {
    Index parent;
    Index place;  ///< of the peak
    std::uint16_t peak;
    bool cut;  ///< where the picture ends
    std::int64_t pixels;
  };
  std::vector<Basin> basins_;
};

/// Heights with a rim of 0 around them, so that every pixel has all its neighbours, and what each pixel belongs to.
class Terrain {
 public:
  Terrain(const std::vector<std::uint16_t>& heights, Index width, Index height, Connectivity connectivity)
      : width_(width), height_(height), stride_(width + 2), heights_(at(stride_) * at(height + 2), 0), labels_(heights_.size(), not_flooded) {
    for (Index y = 0; y < height; ++y) {
      std::copy_n(heights.begin() + std::ptrdiff_t{y} * width, width, heights_.begin() + std::ptrdiff_t{y + 1} * stride_ + 1);
    }
    before_ = {-1, -stride_, -stride_ - 1, -stride_ + 1};  // the neighbours that come earlier, those at a side first
    around_ = {-1, 1, -stride_, stride_, -stride_ - 1, -stride_ + 1, stride_ - 1, stride_ + 1};
    sides_ = connectivity == Connectivity::four ? 1 : 2;
  }

  /// What stands above `level` hangs together without a pass as low as that: one basin each of its connected parts, without a flood. Gives the other
  /// pixels inside, row by row.
  std::vector<Index> raise(std::int32_t level) {
    std::vector<Index> rest;
    for (Index y = 1; y <= height_; ++y) {
      for (Index i = y * stride_ + 1; i <= y * stride_ + width_; ++i) {
        const std::uint16_t h = heights_[at(i)];
        if (h == 0) continue;
        if (h <= level) {
          rest.push_back(i);
          continue;
        }
        Index label = -1, seen = -1;
        for (std::size_t k = 0; k < 2 * sides_; ++k) {
          const Index other = labels_[at(i + before_[k])];
          if (other < 0 || other == seen) continue;
          seen = other;
          const Index root = basins_.find(other);
          label = label < 0 || label == root ? root : basins_.unite(label, root);
        }
        if (label < 0) label = basins_.add(h, i);
        else basins_.grow(label, h, i);
        labels_[at(i)] = label;
      }
    }
    return rest;
  }

  /// Marks the rim there, which floods will meet, and what is raised beside it.
  void end_picture(PictureEnds ends) {
    const Index first = stride_ + 1;
    if (ends.top) end_picture(first, 1, width_, -stride_);
    if (ends.bottom) end_picture(first + (height_ - 1) * stride_, 1, width_, stride_);
    if (ends.left) end_picture(first, stride_, height_, -1);
    if (ends.right) end_picture(first + width_ - 1, stride_, height_, 1);
  }

  /// Highest first, in the given order among equals: two passes over a byte each.
  void sort_downwards(std::vector<Index>& pixels) const {
    std::vector<Index> other(pixels.size());
    for (const int shift : {0, 8}) {
      std::array<std::size_t, 257> starts{};
      const auto key = [&](Index i) { return at(~heights_[at(i)] >> shift & 255); };
      for (const Index i : pixels) ++starts[key(i) + 1];
      for (std::size_t k = 1; k < starts.size(); ++k) starts[k] += starts[k - 1];
      for (const Index i : pixels) other[starts[key(i)]++] = i;
      pixels.swap(other);
    }
  }

  void flood(Index i, const WatershedOptions& options) {
    std::array<Index, 8> near{};
    std::size_t met = 0;
    Index seen = -1;
    bool cut = false;
    for (std::size_t k = 0; k < 4 * sides_; ++k) {
      const Index label = labels_[at(i + around_[k])];
      cut = cut || label == beyond_the_picture;
      if (label < 0 || label == seen) continue;
      seen = label;
      const Index root = basins_.find(label);
      if (std::find(near.begin(), near.begin() + met, root) == near.begin() + met) near[met++] = root;
    }
    const std::uint16_t level = heights_[at(i)];
    if (met == 0) {
      labels_[at(i)] = basins_.add(level, i);
      if (cut) basins_.cut(labels_[at(i)]);
      return;
    }
    Index basin = near[0];
    if (met > 1) {
      const Index highest = *std::max_element(near.begin(), near.begin() + met, [&](Index a, Index b) { return basins_.above(b, a); });
      const bool highest_small = basins_.smaller(highest, options.min_pixels);
      for (std::size_t k = 0; k < met; ++k) {
        if (near[k] == highest) continue;
        const bool shallow = basins_.peak(near[k]) - level < options.depth;
        if (shallow || highest_small || basins_.smaller(near[k], options.min_pixels)) basins_.unite(highest, near[k]);
      }
      basin = basins_.find(labels_[at(steepest(i))]);
    }
    labels_[at(i)] = basin;
    basins_.grow(basin, level, i);
    if (cut) basins_.cut(basin);
  }

  /// Basins numbered from 1 in the row-major order of their first pixels, without the rim.
  [[nodiscard]] std::vector<Index> numbered() {
    std::vector<Index> out(at(width_) * at(height_), 0), number(basins_.size(), 0);
    Index count = 0;
    auto to = out.begin();
    for (Index y = 1; y <= height_; ++y) {
      for (Index i = y * stride_ + 1; i <= y * stride_ + width_; ++i, ++to) {
        if (labels_[at(i)] < 0) continue;
        Index& n = number[at(basins_.find(labels_[at(i)]))];
        if (n == 0) n = ++count;
        *to = n;
      }
    }
    return out;
  }

 private:
  void end_picture(Index first, Index step, Index count, Index outwards) {
    for (Index i = first; count > 0; --count, i += step) {
      labels_[at(i + outwards)] = beyond_the_picture;
      if (labels_[at(i)] >= 0) basins_.cut(basins_.find(labels_[at(i)]));
    }
  }

  /// Of the neighbours flooded already the highest, in row-major order among equals.
  [[nodiscard]] Index steepest(Index i) const {
    Index best = -1;
    for (std::size_t k = 0; k < 4 * sides_; ++k) {
      const Index n = i + around_[k];
      if (labels_[at(n)] < 0) continue;
      if (best < 0 || heights_[at(n)] > heights_[at(best)] || (heights_[at(n)] == heights_[at(best)] && n < best)) best = n;
    }
    return best;
  }

  Index width_, height_, stride_;
  std::vector<std::uint16_t> heights_;
  std::vector<Index> labels_;
  std::array<Index, 4> before_{};
  std::array<Index, 8> around_{};
  std::size_t sides_;  ///< 1: neighbours share a side; 2: or a corner
  Basins basins_;
};

}  // namespace

std::vector<std::int32_t> watershed(const std::vector<std::uint16_t>& heights, std::int32_t width, std::int32_t height,
                                    const WatershedOptions& options, PictureEnds ends) {
  if (heights.empty()) return {};
  Terrain terrain(heights, width, height, options.connectivity);
  // No pass so high parts two peaks: it would lie less than `depth` below the highest of all.
  std::vector<Index> rest = terrain.raise(std::max(0, *std::max_element(heights.begin(), heights.end()) - options.depth));
  terrain.end_picture(ends);
  terrain.sort_downwards(rest);
  for (const Index i : rest) terrain.flood(i, options);
  return terrain.numbered();
}

}  // namespace fair::vector
