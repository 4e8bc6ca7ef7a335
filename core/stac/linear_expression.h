// A processing expression that is linear in one name, such as gdal-calc's "A / 255".
#pragma once

#include <optional>
#include <string_view>

namespace fair::stac {

/// scale * name + offset
struct Line {
  double scale = 0, offset = 0;
};

/// Reads + - * / and brackets over numbers and one name. Nothing where the text is anything else, names two things, or is not linear in its name.
[[nodiscard]] std::optional<Line> linear_expression(std::string_view text);

}  // namespace fair::stac
