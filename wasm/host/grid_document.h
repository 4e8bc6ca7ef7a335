// A block grid as the JSON that goes to JavaScript and comes back.
#pragma once

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/geo/grid.h"

namespace fair::web {

[[nodiscard]] Json to_json(const geo::BlockGrid& grid);
/// Errors name the member.
[[nodiscard]] Result<geo::BlockGrid> grid_from(const Json& json);

}  // namespace fair::web
