#include "native/runs/config_file.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cstdint>

namespace fair::runs {
namespace {

bool to_integer(const std::string& text, std::int64_t& value) {
  const char* const begin = text.data() + (!text.empty() && text[0] == '+' ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && begin != end;
}

bool to_real(const std::string& text, double& value) {
  if (text.find_first_of("0123456789") == std::string::npos || text.find_first_of("xXpPnN") != std::string::npos) return false;
  const char* const begin = text.data() + (text[0] == '+' ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

/// What a plain scalar means in YAML's core schema.
Json scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  std::int64_t integer = 0;
  if (to_integer(text, integer)) return integer;
  double real = 0;
  if (to_real(text, real)) return real;
  return text;
}

/// Words that older YAML readers take for booleans.
bool is_old_boolean(const std::string& text) {
  for (const char* const word : {"y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF"}) {
    if (text == word) return true;
  }
  return false;
}

void emit(YAML::Emitter& out, const Json& json) {
  if (json.is_object()) {
    out << (json.empty() ? YAML::Flow : YAML::Block) << YAML::BeginMap;
    for (const auto& [key, value] : json.items()) {
      out << YAML::Key;
      emit(out, Json(key));
      out << YAML::Value;
      emit(out, value);
    }
    out << YAML::EndMap;
  } else if (json.is_array()) {
    out << (json.empty() ? YAML::Flow : YAML::Block) << YAML::BeginSeq;
    for (const Json& value : json) emit(out, value);
    out << YAML::EndSeq;
  } else if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    if (!scalar(text).is_string() || is_old_boolean(text)) out << YAML::DoubleQuoted;
    out << text;
  } else if (json.is_null()) {
    out << YAML::Null;
  } else {
    out << json.dump();
  }
}

Json convert(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map: {
      Json json = Json::object();
      for (const auto& entry : node) json[entry.first.as<std::string>()] = convert(entry.second);
      return json;
    }
    case YAML::NodeType::Sequence: {
      Json json = Json::array();
      for (const auto& entry : node) json.push_back(convert(entry));
      return json;
    }
    case YAML::NodeType::Scalar: return node.Tag() == "!" ? Json(node.Scalar()) : scalar(node.Scalar());
    default: return nullptr;
  }
}

}  // namespace

std::string to_yaml(const Json& json) {
  YAML::Emitter out;
  emit(out, json);
  return std::string(out.c_str()) + "\n";
}

Result<Json> from_yaml(const std::string& text, const std::string& thing) {
  try {
    return convert(YAML::Load(text));
  } catch (const YAML::Exception& e) {
    return fail(Code::invalid, thing + ":" + std::to_string(e.mark.line + 1), "YAML", e.msg, "open the file at that line and correct it");
  }
}

}  // namespace fair::runs
