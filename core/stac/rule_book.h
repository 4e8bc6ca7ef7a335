// What the rules share while they look at one item: the findings so far and short ways to add one.
#pragma once

#include <string>

#include "core/base/field.h"
#include "core/stac/rules.h"

namespace fair::stac {

struct RuleBook {
  const Item& item;
  Kind kind;
  const RuleOptions& options;
  Findings findings;

  void error(std::string pointer, const char* rule, std::string found, std::string hint) {
    findings.push_back({Severity::error, std::move(pointer), rule, std::move(found), std::move(hint)});
  }
  void warn(std::string pointer, const char* rule, std::string found, std::string hint) {
    findings.push_back({Severity::warning, std::move(pointer), rule, std::move(found), std::move(hint)});
  }
  [[nodiscard]] bool is_model() const { return kind == Kind::base_model || kind == Kind::local_model; }
};

/// mlm:input, mlm:output, classes, shapes, assets, metrics of model items.
void check_model(RuleBook& book);
/// mlm:hyperparameters against fair:hyperparameters_spec, and the spec in itself.
void check_hyperparameters(RuleBook& book);

}  // namespace fair::stac
