// Reading a JSON document that may hold anything: absent and wrongly typed members read as null, "" or nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace fair {

/// A member of an object, or null JSON.
[[nodiscard]] const Json& member(const Json& object, std::string_view key);
/// The first element of an array, or null JSON.
[[nodiscard]] const Json& first(const Json& array);
/// A string's text, or "".
[[nodiscard]] std::string text_of(const Json& value);
/// A member's text, or "".
[[nodiscard]] std::string text_of(const Json& object, std::string_view key);
/// The strings among an array's elements.
[[nodiscard]] std::vector<std::string> texts_of(const Json& array);
/// `key` as one step of a JSON pointer (RFC 6901).
[[nodiscard]] std::string pointer_step(std::string_view key);
/// A value short enough for a sentence: long ones are cut, with "…".
[[nodiscard]] std::string shown(const Json& value);

}  // namespace fair
