// What run configs take from the environment.
#pragma once

#include "core/run/config.h"

namespace fair::launch {

/// This process's FAIR_… variables.
[[nodiscard]] run::Environment environment();

}  // namespace fair::launch
