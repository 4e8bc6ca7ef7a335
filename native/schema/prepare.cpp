#include "native/schema/prepare.h"

#include <string>
#include <string_view>

namespace fair::schema {
namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  for (const std::string_view one : words) {
    if (one == word) return true;
  }
  return false;
}

bool says_nothing(const Json& schema) { return schema == true || (schema.is_object() && schema.empty()); }

std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (std::string_view("^$\\.*+?()[]{}|/").find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

/// Matches every name but those of `properties`.
std::string pattern_of_others(const Json& properties) {
  if (!properties.is_object() || properties.empty()) return "";
  std::string names;
  for (const auto& [name, unused] : properties.items()) names += (names.empty() ? "" : "|") + escaped(name);
  return "^(?!(?:" + names + ")$)";
}

void move_patterns(Json& schema) {
  const auto additional = schema.find("additionalProperties");
  const bool has_patterns = schema.contains("patternProperties") && schema["patternProperties"].is_object();
  const bool has_schema = additional != schema.end() && additional->is_object() && !additional->empty();
  if (!has_patterns && !has_schema) return;
  const Json properties = schema.contains("properties") ? schema["properties"] : Json::object();
  Json part = Json::object();
  if (has_patterns) {
    bool trivial = additional == schema.end() || says_nothing(*additional);
    for (const auto& [pattern, value] : schema["patternProperties"].items()) trivial = trivial && says_nothing(value);
    if (trivial) {
      schema.erase("patternProperties");
      return;
    }
    // The names alone, for additionalProperties to leave out: their schemas stay where they are.
    for (const auto& [name, unused] : properties.items()) part["properties"][name] = true;
    part["patternProperties"] = schema["patternProperties"];
    if (additional != schema.end()) part["additionalProperties"] = *additional;
  } else {
    part["patternProperties"][pattern_of_others(properties)] = *additional;
  }
  schema.erase("patternProperties");
  schema.erase("additionalProperties");
  if (!schema.contains("allOf")) schema["allOf"] = Json::array();
  schema["allOf"].push_back(std::move(part));
}

}  // namespace

void prepare(Json& schema) {
  if (!schema.is_object() || schema.contains("$ref")) {
    // Beside a $ref only definitions count.
    for (const char* const key : {"definitions", "$defs"}) {
      if (schema.is_object() && schema.contains(key)) {
        for (auto& value : schema[key]) prepare(value);
      }
    }
    return;
  }
  if (const auto format = schema.find("format"); format != schema.end() && format->is_string()) schema.erase("format");
  for (auto& [key, value] : schema.items()) {
    if (is_one_of(key, {"const", "enum", "default", "examples", "required"})) continue;
    const bool alone = is_one_of(key, {"not", "if", "then", "else", "contains", "propertyNames", "additionalProperties", "additionalItems"});
    if (alone || (key == "items" && value.is_object())) {
      prepare(value);
    } else if (value.is_structured()) {
      // Maps and lists of schemas, and unknown members, into which references may point.
      for (auto& one : value) prepare(one);
    }
  }
  move_patterns(schema);
}

}  // namespace fair::schema
