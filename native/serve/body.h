// Bodies of requests: JSON, gzip where a client likes it, never larger than is said.
#pragma once

#include <tl/expected.hpp>

#include "core/base/json.h"
#include "native/serve/message.h"

namespace fair::serve {

/// The body as a document, or the answer to give instead: 400 where it is no JSON, 413 where it unpacks to more than `most_bytes`, 415 for types and
/// encodings that are not understood.
[[nodiscard]] tl::expected<Json, Answer> json_body(const Request& request, std::size_t most_bytes = std::size_t{1} << 20U);

}  // namespace fair::serve
