// The time as runs and items write it.
#pragma once

#include <string>

namespace fair::runs {

/// Now in UTC as RFC 3339 with milliseconds: 2026-01-15T10:15:30.250Z.
[[nodiscard]] std::string utc_now();

}  // namespace fair::runs
