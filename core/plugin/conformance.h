// What every plugin must do, whatever it does: one suite for its static, shared and WASM forms.
#pragma once

#include <string>
#include <vector>

#include "core/plugin/host.h"
#include "core/stac/model_spec.h"

namespace fair::plugin {

struct Conformance {
  std::vector<std::string> faults;  ///< a sentence each; empty: the plugin conforms
  std::vector<float> numbers;       ///< what it computed, for comparing two forms of one plugin: they must be equal
  int checks = 0;                   ///< how many things were looked at
};

/// Runs the suite. `spec` is a model the plugin is for; example_spec makes one from a description. Does not end early: all faults are told. A plugin
/// that writes outside its buffers or never returns is beyond what a suite in the same process can tell.
[[nodiscard]] Conformance check_conformance(const LoadedPlugin& plugin, const stac::ModelSpec& spec);

/// The suite for every model of a plugin, one after the other; a fault says of which where there are several. Without any, for example_spec's.
[[nodiscard]] Conformance check_conformance(const LoadedPlugin& plugin, const std::vector<stac::ModelSpec>& specs);

/// The numbers as 16 hexadecimal digits: equal for equal bits, on every machine.
[[nodiscard]] std::string digest(const Conformance& conformance);

/// A model of three bands and two classes as the description says the plugin takes them. Errors name what the description lacks.
[[nodiscard]] Result<stac::ModelSpec> example_spec(const Json& description);

}  // namespace fair::plugin
