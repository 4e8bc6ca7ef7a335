// One small document over http(s), time and size bounded.
#pragma once

#include <string>

#include "core/base/error.h"

namespace fair::schema {

/// The body of a 200 answer, at most 8 MB; redirects stay on http(s). Code::unsupported in a build without libcurl.
[[nodiscard]] Result<std::string> download(const std::string& address, long timeout_seconds);

}  // namespace fair::schema
