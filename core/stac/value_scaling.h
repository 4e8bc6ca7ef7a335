// mlm:input value_scaling (MLM 1.5, "Value Scaling Object"): how pixel values become what the model takes.
#pragma once

#include <string>
#include <vector>

#include "core/base/json.h"

namespace fair::stac {

/// value' = clamp(value, low, high) * scale + offset, per band or one for all.
struct Scaling {
  std::vector<double> scale{1.0 / 255.0};  ///< size 1 or one a band
  std::vector<double> offset{0.0};         ///< as many
  std::vector<double> low, high;           ///< as many, or empty: no clamping; infinite where only one side is clamped
};

/// Reads an input's value_scaling, every type of MLM 1.5: min-max, z-score, clip, clip-min, clip-max, offset, scale, and processing where its
/// expression is linear in one name ("(B - 127.5) / 127.5"). Absent: 8-bit values divided by 255, as fAIr's pre-processing does, or as they are where
/// the model takes integers; null: as they are. One entry, or one for each of `bands`. Errors name `thing`.
[[nodiscard]] Result<Scaling> scaling_of(const Json& input, std::size_t bands, const std::string& data_type, const std::string& thing);

/// The value_scaling that reads back as `scaling`.
[[nodiscard]] Json to_json(const Scaling& scaling);

}  // namespace fair::stac
