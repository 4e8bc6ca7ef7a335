// The plugins that this program contains.
#pragma once

#include <string>
#include <vector>

#include "core/plugin/abi.h"
#include "core/plugin/registry.h"

namespace fair::plugins {

struct BuiltIn {
  const char* name;
  const char* description;         ///< what describe() says; a manifest as well
  std::vector<const char*> items;  ///< STAC items of its base models, as JSON
  fair_plugin_entry entry;
};

[[nodiscard]] const std::vector<BuiltIn>& built_in();

/// Adds those whose names are not taken.
Result<> add_built_in(plugin::Registry& registry);
/// A registry with all of them in it.
[[nodiscard]] Result<plugin::Registry> built_in_registry();

}  // namespace fair::plugins
