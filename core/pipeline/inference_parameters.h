// From an item's inference.* values to what the pipeline takes.
#pragma once

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/pipeline/inference.h"
#include "core/stac/model_spec.h"

namespace fair::pipeline {

/// `values` are hyper-parameters without prefix, already checked against the item's spec: confidence_threshold, min_class_value, overlap, batch_size,
/// iou_threshold, merge_neighbours, tolerance, area_threshold, orthogonalize, max_angle_change, skew_tolerance, connectivity (4 or 8). Others are the
/// plugin's. Classes, output name, geometry and ids come from the model.
[[nodiscard]] Result<InferenceOptions> inference_options(const stac::ModelSpec& model, const Json& values);

}  // namespace fair::pipeline
