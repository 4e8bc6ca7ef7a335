// Brings a plugin's shared object into this process, for as long as it lives.
#pragma once

#include "core/plugin/host.h"
#include "native/plugins/find.h"

namespace fair::plugins {

/// Verifies it (verify.h), loads it, takes its table. Never unloaded: instances outlive handles. Errors: what verify says, a library that cannot be
/// loaded, one without the symbol fair_plugin_<name>, a bad table.
[[nodiscard]] Result<plugin::LoadedPlugin> open(const Found& plugin);

}  // namespace fair::plugins
