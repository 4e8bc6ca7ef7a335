// Artifacts as files below a folder.
#pragma once

#include "native/store/object_store.h"

namespace fair::store {

/// `base`: the http(s) URL that stands for the folder, without a final slash. `file` of put and get may be the very file of the key: nothing is
/// copied then.
[[nodiscard]] std::unique_ptr<ObjectStore> folder_store(const std::filesystem::path& folder, const std::string& base);

}  // namespace fair::store
