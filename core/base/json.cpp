#include "core/base/json.h"

#include <utility>

namespace fair {
namespace {

/// Deepest nesting of brackets outside strings: cheap, and done before the parser recurses.
std::size_t depth_of(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = ++depth > deepest ? depth : deepest;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

Result<Json> parse_json(std::string_view text, const std::string& thing, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return fail(Code::invalid, thing, "JSON of at most " + std::to_string(limits.max_bytes) + " bytes", std::to_string(text.size()) + " bytes",
                "check that this is the right file");
  }
  if (const std::size_t depth = depth_of(text); depth > limits.max_depth) {
    return fail(Code::invalid, thing, "JSON nested at most " + std::to_string(limits.max_depth) + " deep", std::to_string(depth) + " levels",
                "flatten the document");
  }
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  try {
    return Json::parse(text);
  } catch (const Json::exception& e) {
    std::string what = e.what();
    if (const auto at = what.find("] "); at != std::string::npos) what.erase(0, at + 2);
    return fail(Code::invalid, thing, "a JSON document", what, "open it at that place and correct it");
  }
}

std::optional<Json> json_from(std::string_view text) {
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

Object& Object::add(const char* key, Json value) {
  json_[key] = std::move(value);
  return *this;
}
Object& Object::add(const char* key, const char* value) { return add(key, Json(value)); }
Object& Object::add(const char* key, const std::string& value) { return add(key, Json(value)); }
Object& Object::add(const char* key, double value) { return add(key, Json(value)); }
Object& Object::add(const char* key, std::int32_t value) { return add(key, Json(value)); }
Object& Object::add(const char* key, std::int64_t value) { return add(key, Json(value)); }
Object& Object::add(const char* key, bool value) { return add(key, Json(value)); }
Object& Object::add(const char* key, const std::vector<std::string>& values) { return add(key, Json(values)); }
Object& Object::add(const char* key, const std::vector<std::int64_t>& values) { return add(key, Json(values)); }

Json Object::take() { return std::exchange(json_, Json::object()); }

std::string to_text(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace fair
