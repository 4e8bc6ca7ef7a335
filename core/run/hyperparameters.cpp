#include "core/run/hyperparameters.h"

#include <algorithm>

#include "core/base/field.h"
#include "core/base/spelling.h"
#include "core/run/parameter.h"

namespace fair::run {
namespace {

using Type = Parameter::Type;

Type type_of(const Json& value) {
  if (value.is_boolean()) return Type::boolean;
  if (value.is_number_integer()) return Type::integer;
  if (value.is_number()) return Type::real;
  if (value.is_string()) return Type::text;
  return Type::any;
}

/// Keys that steer predictions; for items whose spec names a key that mlm:hyperparameters leaves out.
bool is_inference_key(std::string_view key) {
  for (const std::string_view known :
       {"confidence_threshold", "min_class_value", "iou_threshold", "nms_iou", "tolerance", "area_threshold", "orthogonalize", "overlap"}) {
    if (key == known) return true;
  }
  return false;
}

}  // namespace

Json Hyperparameters::prefixed() const {
  Json all = Json::object();
  for (const auto& [key, value] : training.items()) all["training." + key] = value;
  for (const auto& [key, value] : inference.items()) all["inference." + key] = value;
  return all;
}

Result<HyperparameterSpec> HyperparameterSpec::from_item(const stac::Item& item) {
  return from_json(item.property("mlm:hyperparameters"), item.property("fair:hyperparameters_spec"), item.id());
}

Result<HyperparameterSpec> HyperparameterSpec::from_json(const Json& hyperparameters, const Json& spec, const std::string& thing) {
  HyperparameterSpec result;
  result.thing_ = thing;
  if (!spec.is_null() && !spec.is_array()) {
    return fail(Code::invalid, thing + "#/properties/fair:hyperparameters_spec", "an array of entries", spec.type_name(),
                "describe the hyper-parameters one by one");
  }
  if (!hyperparameters.is_null() && !hyperparameters.is_object()) {
    return fail(Code::invalid, thing + "#/properties/mlm:hyperparameters", "an object", hyperparameters.type_name(),
                "give key and value of every hyper-parameter");
  }
  std::vector<Parameter> described;
  for (std::size_t i = 0; i < spec.size(); ++i) {
    FAIR_TRY_ASSIGN(Parameter parameter, parameter_of(spec[i], thing + "#/properties/fair:hyperparameters_spec/" + std::to_string(i)));
    if (!group_of(text_of(member(spec[i], "key"))) && is_inference_key(parameter.key)) parameter.group = Group::inference;
    described.push_back(std::move(parameter));
  }
  if (hyperparameters.is_object()) {
    for (const auto& [key, value] : hyperparameters.items()) {
      const std::string_view short_key = bare(key);
      const auto entry = std::find_if(described.begin(), described.end(), [&](const Parameter& p) { return p.key == short_key; });
      Parameter parameter;
      if (entry != described.end()) {
        parameter = *entry;
      } else {
        parameter.type = type_of(value);
        // A learning rate of 1 or a threshold of 0 is a number like any other.
        if (parameter.type == Type::integer && is_inference_key(short_key))
          parameter.type = short_key == "min_class_value" ? Type::integer : Type::real;
      }
      parameter.key = short_key;
      if (const auto group = group_of(key)) parameter.group = *group;
      else if (entry == described.end() && is_inference_key(short_key)) parameter.group = Group::inference;
      parameter.value = value;
      const bool twice = std::any_of(result.parameters_.begin(), result.parameters_.end(),
                                     [&](const Parameter& p) { return p.key == parameter.key && p.group == parameter.group; });
      if (!twice) result.parameters_.push_back(std::move(parameter));
    }
  }
  for (Parameter& parameter : described) {
    if (result.find(parameter.key) == nullptr) result.parameters_.push_back(std::move(parameter));
  }
  return result;
}

const Parameter* HyperparameterSpec::find(std::string_view key) const {
  const std::string_view short_key = bare(key);
  const std::optional<Group> group = group_of(key);
  for (const Parameter& parameter : parameters_) {
    if (parameter.key == short_key && (!group || parameter.group == *group)) return &parameter;
  }
  return nullptr;
}

Result<Json> HyperparameterSpec::check(std::string_view key, const Json& value) const {
  if (const Parameter* const parameter = find(key)) return judged(*parameter, value, "hyper-parameter " + std::string(key) + " of " + thing_);
  std::vector<std::string> known;
  known.reserve(parameters_.size());
  for (const Parameter& parameter : parameters_) known.push_back(parameter.key);
  const std::string near = nearest(bare(key), known);
  return fail(Code::usage, "hyper-parameter " + std::string(key), "one that " + thing_ + " has: " + listed(known), "an unknown key",
              near.empty() ? "see fair show " + thing_ : "did you mean " + near + "?");
}

Result<Json> HyperparameterSpec::parse(std::string_view key, std::string_view text) const {
  if (const Parameter* const parameter = find(key)) return read(*parameter, text, "hyper-parameter " + std::string(key) + " of " + thing_);
  return check(key, std::string(text));
}

Hyperparameters HyperparameterSpec::defaults() const {
  Hyperparameters values;
  for (const Parameter& parameter : parameters_) {
    if (parameter.value.is_null()) continue;
    (parameter.group == Group::training ? values.training : values.inference)[parameter.key] = parameter.value;
  }
  return values;
}

Result<> HyperparameterSpec::set(Hyperparameters& values, std::string_view key, Json value) const {
  const Parameter* const parameter = find(key);
  (parameter->group == Group::training ? values.training : values.inference)[parameter->key] = std::move(value);
  return {};
}

Result<Hyperparameters> HyperparameterSpec::with(const std::vector<std::string>& assignments) const {
  Hyperparameters values = defaults();
  for (const std::string& assignment : assignments) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(Code::usage, "--set " + assignment, "key=value", "no key and value", "write --set epochs=3");
    const std::string key = assignment.substr(0, equals);
    FAIR_TRY_ASSIGN(Json value, parse(key, assignment.substr(equals + 1)));
    FAIR_TRY(set(values, key, std::move(value)));
  }
  return values;
}

Result<Hyperparameters> HyperparameterSpec::with_values(const Json& overrides) const {
  Hyperparameters values = defaults();
  if (!overrides.is_object()) return fail(Code::usage, "hyper-parameters for " + thing_, "an object", overrides.type_name(), "give key and value");
  for (const auto& [key, given] : overrides.items()) {
    FAIR_TRY_ASSIGN(Json value, check(key, given));
    FAIR_TRY(set(values, key, std::move(value)));
  }
  return values;
}

}  // namespace fair::run
