// Rectangles of the grid as map features: what boxes and labelled windows become.
#pragma once

#include <cstdint>
#include <string>

#include "core/pipeline/scan_plan.h"
#include "core/vector/geometry.h"

namespace fair::pipeline {

/// A rectangle in the model's pixels.
struct Rectangle {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
};

/// The rectangle on the map with class, area and a stable id (class, zoom, global pixel of its centre); a point in its middle where the
/// options ask for points.
[[nodiscard]] vector::Feature place_feature(const ScanPlan& plan, const stac::ModelSpec& model, const InferenceOptions& options,
                                            const Rectangle& rectangle, const stac::Class& cls, double confidence);

}  // namespace fair::pipeline
