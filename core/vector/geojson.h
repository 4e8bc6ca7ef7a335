// Features as GeoJSON (RFC 7946), written the same everywhere.
#pragma once

#include <string>

#include "core/vector/geometry.h"

namespace fair::vector {

/// One feature object: id, geometry, properties {class, class_value, confidence, area_m2, <output name>: class, extra…}. Coordinates carry 7
/// decimals.
[[nodiscard]] Json to_json(const Feature& feature, const std::string& output_name);
/// The same as text, appended to `out`: no JSON tree is built. Byte-equal to dump() of to_json.
void append_text(std::string& out, const Feature& feature, const std::string& output_name);

}  // namespace fair::vector
