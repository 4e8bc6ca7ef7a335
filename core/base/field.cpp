#include "core/base/field.h"

namespace fair {
namespace {
const Json null_json;
}

const Json& member(const Json& object, std::string_view key) {
  if (!object.is_object()) return null_json;
  const auto found = object.find(std::string(key));
  return found == object.end() ? null_json : *found;
}

const Json& first(const Json& array) { return array.is_array() && !array.empty() ? array.front() : null_json; }

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

std::string text_of(const Json& object, std::string_view key) { return text_of(member(object, key)); }

std::vector<std::string> texts_of(const Json& array) {
  std::vector<std::string> texts;
  if (!array.is_array()) return texts;
  for (const Json& value : array) {
    if (value.is_string()) texts.push_back(value.get<std::string>());
  }
  return texts;
}

std::string pointer_step(std::string_view key) {
  std::string step = "/";
  for (const char c : key) {
    if (c == '~') step += "~0";
    else if (c == '/') step += "~1";
    else step += c;
  }
  return step;
}

std::string shown(const Json& value) {
  if (value.is_null()) return "nothing";
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() <= 120) return text;
  std::size_t end = 117;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

}  // namespace fair
