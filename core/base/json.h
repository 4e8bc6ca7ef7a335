// JSON as core uses it: field order kept, and parsing that bad input cannot exhaust.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace fair {

/// Field order is kept, so an item that passes through us differs only where we changed it.
using Json = nlohmann::ordered_json;

struct JsonLimits {
  std::size_t max_bytes = 64U << 20U;
  std::size_t max_depth = 128;
};

/// Parses one document. `thing` names it in errors (a path, an href). Refuses text over the limits before building anything.
[[nodiscard]] Result<Json> parse_json(std::string_view text, const std::string& thing, const JsonLimits& limits = {});

/// Two-space indented text with a final newline, as pystac writes it; NaN and infinities become null.
[[nodiscard]] std::string to_text(const Json& json);

}  // namespace fair
