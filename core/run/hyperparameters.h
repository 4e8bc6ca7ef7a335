// Hyper-parameters: what an item says about them, and overrides checked against it. Keys are written without their "training." / "inference." prefix.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/stac/item.h"

namespace fair::run {

/// Which pipeline a hyper-parameter steers; an item spells it as the prefix of the key in mlm:hyperparameters.
enum class Group { training, inference };

/// One entry of fair:hyperparameters_spec, or what can be told from mlm:hyperparameters where the item has no spec for the key.
struct Parameter {
  enum class Type { integer, real, text, boolean, any };  ///< int | float | str | bool; any where the item says neither
  std::string key;
  Type type = Type::any;
  Group group = Group::training;
  Json value;  ///< the item's value: mlm:hyperparameters, else the spec's default
  std::optional<double> minimum, maximum;
  std::vector<Json> values;  ///< allowed values; empty: any
  std::string description;
};

/// The spec's word for a type (int, float, str, bool).
[[nodiscard]] const char* name(Parameter::Type type);

/// Values for one run, both objects without prefixes, in the item's order.
struct Hyperparameters {
  Json training = Json::object();
  Json inference = Json::object();

  /// As an item keeps them: {"training.epochs": 5, …, "inference.confidence_threshold": 0.5}.
  [[nodiscard]] Json prefixed() const;
};

class HyperparameterSpec {
 public:
  /// Reads mlm:hyperparameters and fair:hyperparameters_spec. Errors name the entry.
  [[nodiscard]] static Result<HyperparameterSpec> from_item(const stac::Item& item);
  /// The same from the two properties themselves (ModelSpec keeps them); `thing` names the item.
  [[nodiscard]] static Result<HyperparameterSpec> from_json(const Json& hyperparameters, const Json& spec, const std::string& thing);

  [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }
  /// With or without prefix; null where the item has no such key.
  [[nodiscard]] const Parameter* find(std::string_view key) const;
  /// A value of the right type within min, max and values (whole floats become ints where ints are wanted, ints floats); Code::usage otherwise,
  /// naming the key, what was expected, what was found, and for an unknown key the nearest known one.
  [[nodiscard]] Result<Json> check(std::string_view key, const Json& value) const;
  /// The same for a value as typed on a command line.
  [[nodiscard]] Result<Json> parse(std::string_view key, std::string_view text) const;

  /// The item's own values.
  [[nodiscard]] Hyperparameters defaults() const;
  /// The item's values with overrides laid over them, each "key=value" as `--set` takes it. A later one wins.
  [[nodiscard]] Result<Hyperparameters> with(const std::vector<std::string>& assignments) const;
  /// The same with overrides as JSON, keys with or without prefix.
  [[nodiscard]] Result<Hyperparameters> with_values(const Json& overrides) const;

 private:
  Result<> set(Hyperparameters& values, std::string_view key, Json value) const;
  std::string thing_;
  std::vector<Parameter> parameters_;
};

}  // namespace fair::run
