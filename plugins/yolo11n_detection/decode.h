// Detections as graphs give them -> rows of boxes.
#pragma once

#include <cstddef>
#include <vector>

#include "core/plugin/sdk.h"

namespace fair::yolo11n_detection {

/// The two ways in which graphs give detections.
enum class Form {
  anchors,    ///< (batch, 4 + classes, anchors): cx, cy, w, h in pixels of the input, then a probability a class; what YOLO exports give
  detections  ///< (batch, detections, 6): x0, y0, x1, y1, score, class; what exports with NMS inside give, padded with zeros
};

/// Tells them apart by the shape. With two classes both have an axis of 6: a graph has at least 21 anchors (an input of 32 x 32 pixels), so a
/// (batch, 6, n) with n other than 6 is anchors. Throws std::invalid_argument with a sentence where it is neither.
[[nodiscard]] Form form_of(const fair_tensor& output, std::size_t classes);

/// Rows of window, x0, y0, x1, y1, confidence, class index (abi.h, BOXES): of every anchor its likeliest class, the first of equals; of
/// detections all with a score above 0. Thresholds and suppression are core's. `output` is a float32 tensor of the form given.
[[nodiscard]] std::vector<float> rows_of(const fair_tensor& output, Form form);

}  // namespace fair::yolo11n_detection
