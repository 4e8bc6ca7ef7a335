// What this server answers, in the words of OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0).
#pragma once

#include <string>

namespace fair::serve {

/// The document; jobs are in it where the server does them.
[[nodiscard]] std::string openapi_text(bool jobs);

}  // namespace fair::serve
