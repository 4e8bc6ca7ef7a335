// JSON as core uses it: field order kept, and parsing that bad input cannot exhaust.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

#ifdef FAIR_JSON_INSTANTIATED
// Compiled once, in json.cpp, and not again in every file that holds a document: a tenth to a fifth of their compile time.
extern template class nlohmann::basic_json<nlohmann::ordered_map>;
#endif

namespace fair {

/// Field order is kept, so an item that passes through us differs only where we changed it.
using Json = nlohmann::ordered_json;

struct JsonLimits {
  std::size_t max_bytes = 64U << 20U;
  std::size_t max_depth = 128;
};

/// Parses one document. `thing` names it in errors (a path, an href). Refuses text over the limits before building anything.
[[nodiscard]] Result<Json> parse_json(std::string_view text, const std::string& thing, const JsonLimits& limits = {});

/// One value without a name for errors, such as a number's text: nothing where it is no JSON.
[[nodiscard]] std::optional<Json> json_from(std::string_view text);

/// An object made member by member. These are plain functions, so that what builds many objects stays small: initializer lists of initializer lists
/// take three times the code, and browsers download it.
class Object {
 public:
  Object& add(const char* key, Json value);
  Object& add(const char* key, const char* value);
  Object& add(const char* key, const std::string& value);
  Object& add(const char* key, double value);
  Object& add(const char* key, std::int32_t value);
  Object& add(const char* key, std::int64_t value);
  Object& add(const char* key, bool value);
  Object& add(const char* key, const std::vector<std::string>& values);
  Object& add(const char* key, const std::vector<std::int64_t>& values);
  Object& add(const char* key, Object& value) { return add(key, value.take()); }
  /// What was added; the object is empty then.
  [[nodiscard]] Json take();
  operator Json() { return take(); }  // NOLINT(google-explicit-constructor): it is one

 private:
  Json json_ = Json::object();
};

/// Two-space indented text with a final newline, as pystac writes it; NaN and infinities become null.
[[nodiscard]] std::string to_text(const Json& json);

}  // namespace fair
