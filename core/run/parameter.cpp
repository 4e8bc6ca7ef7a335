#include "core/run/parameter.h"

#include <algorithm>
#include <cmath>

#include "core/base/field.h"
#include "core/base/spelling.h"

namespace fair::run {
namespace {

using Type = Parameter::Type;

std::string number_text(double number) {
  return Json(number == std::floor(number) && std::abs(number) < 1e15 ? Json(static_cast<std::int64_t>(number)) : Json(number)).dump();
}

/// JSON's numbers, and the forms people type beside them (".5", "+1").
std::optional<Json> number_from(std::string_view text) {
  std::string number(text);
  if (!number.empty() && number.front() == '+') number.erase(0, 1);
  if (const std::size_t digits = !number.empty() && number.front() == '-' ? 1 : 0; digits < number.size() && number[digits] == '.') {
    number.insert(digits, "0");
  }
  if (!number.empty() && number.back() == '.') number.pop_back();
  auto value = json_from(number);
  if (!value || !value->is_number()) return std::nullopt;
  return value;
}

bool is_whole(const Json& value) {
  if (value.is_number_integer()) return true;
  if (!value.is_number_float()) return false;
  const double number = value.get<double>();
  return std::isfinite(number) && number == std::floor(number) && std::abs(number) < 9e15;
}

/// Numbers equal by value, whatever their kind.
bool same(const Json& a, const Json& b) { return a.is_number() && b.is_number() ? a.get<double>() == b.get<double>() : a == b; }

std::optional<Json> typed(Type type, const Json& value) {
  switch (type) {
    case Type::integer:
      if (is_whole(value)) return value.is_number_integer() ? value : Json(static_cast<std::int64_t>(value.get<double>()));
      return std::nullopt;
    case Type::real:
      if (value.is_number() && std::isfinite(value.get<double>())) return Json(value.get<double>());
      return std::nullopt;
    case Type::text: return value.is_string() ? std::optional<Json>(value) : std::nullopt;
    case Type::boolean: return value.is_boolean() ? std::optional<Json>(value) : std::nullopt;
    case Type::any: return value;
  }
  return std::nullopt;
}

std::optional<double> limit_of(const Json& entry, const char* key) {
  const Json& limit = member(entry, key);
  return limit.is_number() ? std::optional<double>(limit.get<double>()) : std::nullopt;
}

}  // namespace

const char* name(Parameter::Type type) {
  switch (type) {
    case Type::integer: return "int";
    case Type::real: return "float";
    case Type::text: return "str";
    case Type::boolean: return "bool";
    case Type::any: return "any";
  }
  return "any";
}

std::string_view bare(std::string_view key) {
  for (const std::string_view prefix : {std::string_view("training."), std::string_view("inference.")}) {
    if (key.substr(0, prefix.size()) == prefix) return key.substr(prefix.size());
  }
  return key;
}

std::optional<Group> group_of(std::string_view key) {
  if (key.substr(0, 9) == "training.") return Group::training;
  if (key.substr(0, 10) == "inference.") return Group::inference;
  return std::nullopt;
}

Result<Parameter> parameter_of(const Json& entry, const std::string& thing) {
  Parameter parameter;
  const std::string key = text_of(member(entry, "key"));
  if (key.empty()) return fail(Code::invalid, thing + "/key", "the hyper-parameter's name", shown(member(entry, "key")), "name the entry");
  parameter.key = bare(key);
  if (const auto group = group_of(key)) parameter.group = *group;
  const std::string type = text_of(member(entry, "type"));
  bool known = false;
  for (const Type candidate : {Type::integer, Type::real, Type::text, Type::boolean}) {
    if (type == name(candidate)) {
      parameter.type = candidate;
      known = true;
    }
  }
  if (!known)
    return fail(Code::invalid, thing + "/type", "int, float, str or bool", shown(member(entry, "type")), "give the type of " + parameter.key);
  parameter.minimum = limit_of(entry, "min");
  parameter.maximum = limit_of(entry, "max");
  if (parameter.minimum && parameter.maximum && *parameter.minimum > *parameter.maximum) {
    return fail(Code::invalid, thing, "a min of " + parameter.key + " that is not above its max",
                number_text(*parameter.minimum) + " > " + number_text(*parameter.maximum), "correct the spec");
  }
  const Json& values = member(entry, "values");
  if (values.is_array()) parameter.values.assign(values.begin(), values.end());
  parameter.description = text_of(member(entry, "description"));
  parameter.value = member(entry, "default");
  return parameter;
}

std::string expectation(const Parameter& parameter) {
  if (!parameter.values.empty()) {
    std::vector<std::string> words;
    words.reserve(parameter.values.size());
    for (const Json& value : parameter.values) words.push_back(value.is_string() ? value.get<std::string>() : value.dump());
    return "one of " + listed(words);
  }
  std::string text;
  switch (parameter.type) {
    case Type::integer: text = "a whole number"; break;
    case Type::real: text = "a number"; break;
    case Type::text: return "text";
    case Type::boolean: return "true or false";
    case Type::any: return "a value";
  }
  if (parameter.minimum && parameter.maximum) return text + " from " + number_text(*parameter.minimum) + " to " + number_text(*parameter.maximum);
  if (parameter.minimum) return text + " of at least " + number_text(*parameter.minimum);
  if (parameter.maximum) return text + " of at most " + number_text(*parameter.maximum);
  return text;
}

Result<Json> judged(const Parameter& parameter, const Json& value, const std::string& thing, Code code) {
  const auto wrong = [&](std::string hint = {}) { return fail(code, thing, expectation(parameter), shown(value), std::move(hint)); };
  std::optional<Json> right = typed(parameter.type, value);
  if (!right) return wrong();
  if (right->is_number()) {
    const double number = right->get<double>();
    if ((parameter.minimum && number < *parameter.minimum) || (parameter.maximum && number > *parameter.maximum)) return wrong();
  }
  if (!parameter.values.empty()) {
    const bool allowed = std::any_of(parameter.values.begin(), parameter.values.end(), [&](const Json& one) { return same(one, *right); });
    if (!allowed) {
      const std::string near = right->is_string() ? nearest(right->get<std::string>(), texts_of(Json(parameter.values))) : std::string();
      return wrong(near.empty() ? "" : "did you mean " + near + "?");
    }
  }
  return std::move(*right);
}

Result<Json> read(const Parameter& parameter, std::string_view text, const std::string& thing) {
  const std::optional<Json> number = number_from(text);
  Json value = std::string(text);
  if (parameter.type == Type::integer || parameter.type == Type::real) {
    if (number) value = *number;
  } else if (parameter.type == Type::boolean) {
    for (const auto& [word, truth] : {std::pair<std::string_view, bool>{"true", true},
                                      {"yes", true},
                                      {"on", true},
                                      {"1", true},
                                      {"false", false},
                                      {"no", false},
                                      {"off", false},
                                      {"0", false}}) {
      if (text == word) value = truth;
    }
  } else if (parameter.type == Type::any) {
    if (number) value = *number;
    else if (text == "true" || text == "false") value = text == "true";
  }
  return judged(parameter, value, thing);
}

}  // namespace fair::run
