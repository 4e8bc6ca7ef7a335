// Versions in the file that holds the runs.
#pragma once

#include "native/versions/version_store.h"

namespace fair::versions {

/// Opens or makes the file; a newer layout than ours is refused with a sentence. The number of a removed version is never given again.
[[nodiscard]] Result<std::unique_ptr<VersionStore>> open_sqlite(const std::string& path);

}  // namespace fair::versions
