// Every plugin this program can use.
#pragma once

#include "core/plugin/registry.h"

namespace fair::launch {

/// The built-in ones.
[[nodiscard]] Result<plugin::Registry> known_plugins();

}  // namespace fair::launch
