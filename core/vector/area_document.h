// Areas people give as GeoJSON (RFC 7946).
#pragma once

#include <string>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/vector/geometry.h"

namespace fair::vector {

/// All polygons of a Polygon, a MultiPolygon, a Feature of one or a FeatureCollection of such, in degrees. Other geometries, open or short rings and
/// positions that are no degrees are errors. `thing` names the document.
[[nodiscard]] Result<MultiPolygon> polygons_from(const Json& document, const std::string& thing);

}  // namespace fair::vector
