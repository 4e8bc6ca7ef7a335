#include "native/launch/known_plugins.h"

#include "native/plugins/find.h"
#include "native/plugins/open.h"
#include "plugins/built_in.h"

namespace fair::launch {

Result<plugin::Registry> known_plugins() {
  plugin::Registry registry;
  for (const plugins::Found& found : plugins::find(plugins::plugin_path()).found) {
    const auto added = registry.add(
        found.manifest, [found] { return plugins::open(found); }, found.manifest_path.string());
    if (!added && added.error().code != Code::conflict) return tl::unexpected(added.error());
  }
  FAIR_TRY(plugins::add_built_in(registry));
  return registry;
}

}  // namespace fair::launch
