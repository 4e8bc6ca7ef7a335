#include "native/launch/known_plugins.h"

#include "plugins/built_in.h"

namespace fair::launch {

Result<plugin::Registry> known_plugins() { return plugins::built_in_registry(); }

}  // namespace fair::launch
