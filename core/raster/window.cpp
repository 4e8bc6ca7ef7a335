#include "core/raster/window.h"

#include <algorithm>

namespace fair::raster {

std::int64_t WindowAxis::count() const {
  if (extent <= size) return 1;
  return 1 + (extent - size + stride() - 1) / stride();
}

std::int64_t WindowAxis::start(std::int64_t i) const {
  if (extent <= size) return 0;
  return std::min(i * stride(), extent - size);
}

Span WindowAxis::span(std::int64_t i) const {
  const std::int64_t begin = start(i);
  return {begin, std::min(begin + size, extent)};
}

std::int64_t WindowAxis::settled_before(std::int64_t i) const { return i >= count() ? extent : start(i); }

std::int64_t mirrored(std::int64_t i, std::int64_t extent) {
  if (extent == 1) return 0;
  const std::int64_t period = 2 * (extent - 1);
  std::int64_t at = i % period;
  if (at < 0) at += period;
  return at < extent ? at : period - at;
}

}  // namespace fair::raster
