// Whether a found plugin may be opened at all; asked before any of its code runs.
#pragma once

#include "native/plugins/find.h"

namespace fair::plugins {

/// The platform tag of this program, such as linux-x86_64.
[[nodiscard]] const char* platform();

/// In this order: built for this platform, a contract this host speaks, a shared object, with the manifest's sha256. Errors are sentences that name
/// the file.
Result<> verify(const Found& plugin);

}  // namespace fair::plugins
