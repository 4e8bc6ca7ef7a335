// Request targets (RFC 9112, 3.2) and request ids, read.
#pragma once

#include <string>

#include "native/serve/message.h"

namespace fair::serve {

/// Fills path and query from an origin-form or absolute-form target. False where an escape is broken or the path does not begin with "/".
[[nodiscard]] bool read_target(const std::string& target, Request& request);
/// The one given where it is 1 to 64 letters, digits, dots, dashes and underscores; otherwise one made up.
[[nodiscard]] std::string request_id(const std::string& given);
/// 16 hexadecimal digits, never the same again.
[[nodiscard]] std::string made_up_id();

}  // namespace fair::serve
