// The plugins this module knows: those linked in, and side modules JavaScript has loaded.
#pragma once

#include "core/plugin/registry.h"

namespace fair::web {

[[nodiscard]] plugin::Registry& registry();

}  // namespace fair::web
