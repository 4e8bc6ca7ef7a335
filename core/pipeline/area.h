// The area a person asked for: what lies outside is cut away.
#pragma once

#include <cstdint>
#include <vector>

#include "core/pipeline/scan_plan.h"
#include "core/vector/geometry.h"

namespace fair::pipeline {

/// Polygons in degrees, seen from a plan's pixels. A pixel belongs to the area when its centre does. Without polygons everything does.
class Area {
 public:
  Area(const ScanPlan& plan, const vector::MultiPolygon& degrees);

  /// Strip rows first…first+rows of a mask, as wide as the plan is across: pixels outside become 0.
  void cut(std::int64_t first, std::int32_t rows, std::uint8_t* mask);
  /// Whether a point in the model's pixels lies inside.
  [[nodiscard]] bool holds(double x, double y) const;

 private:
  std::int32_t across_;
  bool transposed_;
  vector::MultiPolygon polygons_;  ///< in the model's pixels; x runs along the strip
  std::vector<std::uint8_t> inside_;
};

}  // namespace fair::pipeline
