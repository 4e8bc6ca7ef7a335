// What this program is and what it was built with.
#pragma once

#include "core/base/json.h"

namespace fair::cli {

/// {version, compiler, gdal, onnxruntime, libtorch, curl}; a part left out of the build is null. Loads nothing.
[[nodiscard]] Json version();
/// The same for people.
[[nodiscard]] std::string version_text();

}  // namespace fair::cli
