// Run configs as YAML files.
#pragma once

#include <string>

#include "core/base/error.h"
#include "core/base/json.h"

namespace fair::runs {

/// Block-style YAML of a JSON document: key order kept; a string that would read back as another type is quoted.
[[nodiscard]] std::string to_yaml(const Json& json);
/// YAML 1.2's core types; errors name `thing` and the line.
[[nodiscard]] Result<Json> from_yaml(const std::string& text, const std::string& thing);

}  // namespace fair::runs
