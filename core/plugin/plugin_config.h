// What a plugin is told about the model it is to run.
#pragma once

#include "core/base/json.h"
#include "core/stac/model_spec.h"

namespace fair::plugin {

/// ModelSpec::to_metadata() with a member "fair:model" that says the same in one spelling, for plugins that want no STAC reader (sdk_model.h reads
/// it): {"input": {layout, data_type, channels, height, width, bands, scale, offset, low, high}, "output": {layout, channels, activation, classes,
/// class_values}, "inference": {…hyper-parameters without prefix}}. -1 is a free size; low and high are empty where nothing is clipped.
[[nodiscard]] Json plugin_config(const stac::ModelSpec& model);

}  // namespace fair::plugin
