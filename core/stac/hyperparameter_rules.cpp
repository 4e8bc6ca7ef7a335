#include <cmath>
#include <optional>
#include <set>

#include "core/base/spelling.h"
#include "core/stac/rule_book.h"

namespace fair::stac {
namespace {

const char* const spec_at = "/properties/fair:hyperparameters_spec";

std::string bare(std::string_view key) {
  for (const std::string_view prefix : {std::string_view("training."), std::string_view("inference.")}) {
    if (key.substr(0, prefix.size()) == prefix) return std::string(key.substr(prefix.size()));
  }
  return std::string(key);
}

bool has_type(const Json& value, const std::string& type) {
  if (type == "int") return value.is_number_integer() || (value.is_number_float() && value.get<double>() == std::floor(value.get<double>()));
  if (type == "float") return value.is_number();
  if (type == "str") return value.is_string();
  return type == "bool" && value.is_boolean();
}

std::optional<double> number(const Json& value) { return value.is_number() ? std::optional<double>(value.get<double>()) : std::nullopt; }

bool same(const Json& a, const Json& b) { return a.is_number() && b.is_number() ? a.get<double>() == b.get<double>() : a == b; }

/// What is wrong with a value by its spec entry; "" where nothing is.
std::string fault(const Json& entry, const Json& value) {
  const std::string type = text_of(member(entry, "type"));
  if (!type.empty() && !has_type(value, type)) return "no " + type;
  const auto least = number(member(entry, "min"));
  const auto most = number(member(entry, "max"));
  const auto found = number(value);
  if (found && least && *found < *least) return "below the min of " + shown(entry["min"]);
  if (found && most && *found > *most) return "above the max of " + shown(entry["max"]);
  const Json& values = member(entry, "values");
  if (values.is_array()) {
    for (const Json& allowed : values) {
      if (same(allowed, value)) return {};
    }
    return "none of the values " + shown(values);
  }
  return {};
}

void check_entry(RuleBook& book, const Json& entry, const std::string& at, std::set<std::string>& keys) {
  const std::string key = text_of(member(entry, "key"));
  if (key.empty()) return book.error(at, "fair.hyperparameters-spec", "no key", "name the hyper-parameter");
  if (!keys.insert(bare(key)).second)
    book.error(at + "/key", "fair.hyperparameters-spec", shown(entry["key"]) + " a second time", "describe each hyper-parameter once");
  const std::string type = text_of(member(entry, "type"));
  const bool known = type == "int" || type == "float" || type == "str" || type == "bool";
  if (!known)
    book.error(member(entry, "type").is_null() ? at : at + "/type", "fair.hyperparameters-spec", key + " has type " + shown(member(entry, "type")),
               "use int, float, str or bool");
  if (text_of(member(entry, "description")).empty()) book.error(at, "fair.hyperparameters-spec", key + " has no description", "say what it does");
  const Json& preset = member(entry, "default");
  if (preset.is_null()) {
    book.error(at, "fair.hyperparameters-spec", key + " has no default", "give its default");
  } else if (const std::string wrong = known ? fault(entry, preset) : ""; !wrong.empty()) {
    book.error(at + "/default", "fair.hyperparameters-spec", shown(preset) + ", " + wrong,
               "make default, type, min, max and values of " + key + " agree");
  }
  const auto least = number(member(entry, "min"));
  const auto most = number(member(entry, "max"));
  if (least && most && *least > *most) book.error(at + "/min", "fair.hyperparameters-spec", key + " has a min above its max", "exchange them");
}

}  // namespace

void check_hyperparameters(RuleBook& book) {
  const Json& spec = book.item.property("fair:hyperparameters_spec");
  const Json& given = book.item.property("mlm:hyperparameters");
  std::set<std::string> keys;
  if (spec.is_array()) {
    for (std::size_t i = 0; i < spec.size(); ++i) check_entry(book, spec[i], std::string(spec_at) + "/" + std::to_string(i), keys);
  } else if (!spec.is_null()) {
    book.error(spec_at, "fair.hyperparameters-spec", spec.type_name(), "give an array of entries");
  }
  if (!given.is_object()) return;
  for (const char* const key : {"training.epochs", "training.batch_size", "training.learning_rate", "inference.confidence_threshold"}) {
    if (!given.contains(key)) book.error("/properties/mlm:hyperparameters", "fair.hyperparameters-required", std::string("no ") + key, "add it");
  }
  const bool described = spec.is_array() && !spec.empty();
  if (!described) {
    // Items that the deployed promotion wrote have lost their spec; they still run.
    if (book.kind == Kind::local_model)
      book.warn("/properties", "fair.hyperparameters-spec", "no fair:hyperparameters_spec", "promote it anew to keep the base model's");
    return;
  }
  const std::vector<std::string> known(keys.begin(), keys.end());
  for (const auto& [key, value] : given.items()) {
    const std::string at = "/properties/mlm:hyperparameters" + pointer_step(key);
    const std::string name = bare(key);
    if (name == key) book.warn(at, "fair.hyperparameters-prefix", key, "write training." + key + " or inference." + key);
    if (keys.count(name) == 0) {
      const std::string near = nearest(name, known);
      book.error(at, "fair.hyperparameters-described", key + " is not in fair:hyperparameters_spec",
                 near.empty() ? "describe it there" : "describe it there, or did you mean " + near + "?");
      continue;
    }
    for (const Json& entry : spec) {
      if (bare(text_of(member(entry, "key"))) != name) continue;
      if (const std::string wrong = fault(entry, value); !wrong.empty())
        book.error(at, "fair.hyperparameters-value", shown(value) + ", " + wrong, "give a value that the spec allows");
      break;
    }
  }
}

}  // namespace fair::stac
