// The browser's form of a plugin held to the contract, in node.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "native/plugins/find.h"

namespace fair::plugins {

struct NodeCheck {
  std::vector<std::string> faults;
  int checks = 0;
  std::string digest;  ///< of the numbers, as plugin::digest gives it
};

/// Runs share/fair-edge/wasm/fair_check.js over the side module and the STAC items of models it is for, for a minute at most; a module that traps or
/// never returns is a fault. Without items the suite makes a model of the plugin's description.
/// Code::unsupported where there is no node (FAIR_NODE, else node or nodejs in PATH) or the package was installed without it.
[[nodiscard]] Result<NodeCheck> check_in_node(const Found& plugin, const std::vector<std::filesystem::path>& items = {});

}  // namespace fair::plugins
