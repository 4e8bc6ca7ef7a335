// The pixels of one shape, row by row: memory grows with the shape, not with the box around it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/vector/geometry.h"

namespace fair::vector {

/// Pixels are numbered from 0 in row-major order. Holes of fewer than `smallest_hole` pixels are filled.
class PixelRows {
 public:
  /// Pixels from x0 up to x1 of one row; `first` is the number of x0's.
  struct Span {
    std::int32_t x0, x1;
    std::size_t first;
  };
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  PixelRows(const Shape& shape, std::int64_t smallest_hole);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::int32_t top() const { return top_; }
  [[nodiscard]] std::int32_t rows() const { return static_cast<std::int32_t>(starts_.size()) - 1; }
  [[nodiscard]] const Span* begin(std::int32_t y) const { return spans_.data() + starts_[static_cast<std::size_t>(y - top_)]; }
  [[nodiscard]] const Span* end(std::int32_t y) const { return spans_.data() + starts_[static_cast<std::size_t>(y - top_) + 1]; }
  [[nodiscard]] bool has_row(std::int32_t y) const { return y >= top_ && y - top_ < rows(); }

  /// The first span of a row that ends right of x; end(y) when there is none.
  [[nodiscard]] const Span* span_past(std::int32_t x, std::int32_t y) const {
    return std::upper_bound(begin(y), end(y), x, [](std::int32_t at, const Span& span) { return at < span.x1; });
  }
  /// The pixel's number, or none.
  [[nodiscard]] std::size_t find(std::int32_t x, std::int32_t y) const {
    if (!has_row(y)) return none;
    const Span* span = span_past(x, y);
    return span != end(y) && span->x0 <= x ? span->first + static_cast<std::size_t>(x - span->x0) : none;
  }
  /// Squared distance from the pixel's centre to that of the nearest pixel that is not in the shape.
  [[nodiscard]] std::int64_t clearance2(std::int32_t x, std::int32_t y) const;

 private:
  std::int32_t top_ = 0;
  std::size_t size_ = 0;
  std::vector<std::size_t> starts_;  ///< a row's first span; one more than there are rows
  std::vector<Span> spans_;
};

}  // namespace fair::vector
