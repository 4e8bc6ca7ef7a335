// URLs as text.
#pragma once

#include <string>

#include "core/base/error.h"

namespace fair::http {

/// An address as it may be shown: without user, password and what follows "?".
[[nodiscard]] std::string shown(const std::string& url);
/// The address of a server that is asked at paths of its own: http or https, slashes at the end taken off. Code::usage names `thing`.
[[nodiscard]] Result<std::string> base_url(std::string url, const std::string& thing);
/// RFC 3986, all but unreserved characters as %XX; '/' kept where `path`.
[[nodiscard]] std::string percent_encoded(const std::string& text, bool path = false);

}  // namespace fair::http
