// Every plugin this program can use.
#pragma once

#include "core/plugin/registry.h"

namespace fair::launch {

/// Those of FAIR_PLUGIN_PATH and the installed folder (native/plugins), then the built-in ones. Of equal names the first counts: who names a folder
/// means what is in it. A manifest that cannot be read hides nobody else's plugin: it is left out, and `fair plugins list` tells why.
[[nodiscard]] Result<plugin::Registry> known_plugins();

}  // namespace fair::launch
