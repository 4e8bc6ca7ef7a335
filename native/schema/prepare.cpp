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

/// "a|b|c" of the names of `properties`.
std::string names_of(const Json& properties) {
  std::string names;
  for (const auto& [name, unused] : properties.items()) names += (names.empty() ? "" : "|") + escaped(name);
  return names;
}

/// Matches every name but those of `properties`.
std::string pattern_of_others(const Json& properties) { return properties.empty() ? "" : "^(?!(?:" + names_of(properties) + ")$)"; }

/// Matches the names of `properties` and what the patterns match.
std::string pattern_of_allowed(const Json& properties, const Json& patterns) {
  std::string text;
  for (const auto& [pattern, unused] : patterns.items()) text += (text.empty() ? "(?:" : "|(?:") + pattern + ")";
  return properties.empty() ? text : text + "|^(?:" + names_of(properties) + ")$";
}

/// The part that says what an object's members other than its named properties may be; null where it restricts nothing.
Json members_part(const Json& schema, Purpose purpose) {
  const Json* const additional = schema.contains("additionalProperties") ? &schema["additionalProperties"] : nullptr;
  const Json properties = schema.contains("properties") ? schema["properties"] : Json::object();
  const Json patterns = schema.contains("patternProperties") ? schema["patternProperties"] : Json::object();
  if (patterns.empty()) return additional == nullptr ? Json() : Json{{"patternProperties", {{pattern_of_others(properties), *additional}}}};
  bool names_only = true;
  for (const auto& [pattern, value] : patterns.items()) names_only = names_only && says_nothing(value);
  if (names_only && (additional == nullptr || says_nothing(*additional))) return {};
  if (names_only && *additional == false && purpose == Purpose::verdict)
    return {{"propertyNames", {{"pattern", pattern_of_allowed(properties, patterns)}}}};
  Json part = {{"patternProperties", patterns}};
  // The names alone, for additionalProperties to leave out: their schemas stay where they are.
  for (const auto& [name, unused] : properties.items()) part["properties"][name] = true;
  if (additional != nullptr) part["additionalProperties"] = *additional;
  return part;
}

void move_patterns(Json& schema, Purpose purpose) {
  const auto additional = schema.find("additionalProperties");
  const bool has_patterns = schema.contains("patternProperties") && schema["patternProperties"].is_object() && !schema["patternProperties"].empty();
  const bool has_schema = additional != schema.end() && additional->is_object() && !additional->empty();
  if (!has_patterns && (!has_schema || purpose == Purpose::verdict)) return;
  Json part = members_part(schema, purpose);
  schema.erase("patternProperties");
  if (part.is_null()) return;
  schema.erase("additionalProperties");
  if (!schema.contains("allOf")) schema["allOf"] = Json::array();
  schema["allOf"].push_back(std::move(part));
}

void rewrite(Json& schema, Purpose purpose) {
  if (!schema.is_object() || schema.contains("$ref")) {
    // Beside a $ref only definitions count.
    for (const char* const key : {"definitions", "$defs"}) {
      if (schema.is_object() && schema.contains(key)) {
        for (auto& value : schema[key]) rewrite(value, purpose);
      }
    }
    return;
  }
  if (const auto format = schema.find("format"); format != schema.end() && format->is_string()) schema.erase("format");
  for (auto& [key, value] : schema.items()) {
    if (is_one_of(key, {"const", "enum", "default", "examples", "required"})) continue;
    const bool alone = is_one_of(key, {"not", "if", "then", "else", "contains", "propertyNames", "additionalProperties", "additionalItems"});
    if (alone || (key == "items" && value.is_object())) {
      rewrite(value, purpose);
    } else if (value.is_structured()) {
      // Maps and lists of schemas, and unknown members, into which references may point.
      for (auto& one : value) rewrite(one, purpose);
    }
  }
  move_patterns(schema, purpose);
}

/// True where the schema, itself or in its allOf, accepts objects of one other type only.
bool is_for_other(const Json& schema, std::string_view type) {
  if (!schema.is_object() || schema.contains("$ref")) return false;
  if (schema.contains("required") && schema["required"].is_array() && schema.contains("properties") && schema["properties"].is_object()) {
    bool required = false;
    for (const Json& key : schema["required"]) required = required || key == "type";
    const Json& properties = schema["properties"];
    if (required && properties.contains("type") && properties["type"].is_object() && properties["type"].contains("const") &&
        properties["type"]["const"] != Json(type))
      return true;
  }
  if (!schema.contains("allOf") || !schema["allOf"].is_array()) return false;
  for (const Json& part : schema["allOf"]) {
    if (is_for_other(part, type)) return true;
  }
  return false;
}

}  // namespace

void prepare(Json& schema, Purpose purpose, std::string_view type) {
  rewrite(schema, purpose);
  if (purpose == Purpose::report || !schema.is_object() || schema.contains("$ref")) return;
  for (const char* const key : {"oneOf", "anyOf"}) {
    if (!schema.contains(key) || !schema[key].is_array()) continue;
    for (Json& alternative : schema[key]) {
      if (is_for_other(alternative, type)) alternative = false;
    }
  }
}

}  // namespace fair::schema
