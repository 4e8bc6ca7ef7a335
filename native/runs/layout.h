// The tables of runs.sqlite: runs, their steps and lines, and the local stack's versions.
#pragma once

#include <string>

#include "native/runs/database.h"

namespace fair::runs {

/// Makes the tables where there are none. A newer layout than ours is Code::unsupported. `path` is for errors.
Result<> prepare_layout(Database& database, const std::string& path);

}  // namespace fair::runs
