// What every export does around its work.
#pragma once

#include <cstdint>
#include <exception>
#include <new>

#include "core/base/error.h"
#include "core/base/json.h"
#include "wasm/host/answer.h"

namespace fair::web {

/// Errors become answers, and nothing is thrown into JavaScript.
template <class Body>
std::int32_t call(Body&& body) {
  try {
    Result<std::int32_t> result = body();
    return result ? *result : answer_error(result.error());
  } catch (const std::bad_alloc&) {
    return answer_error({Code::io, "memory", "more of it", "none left in this tab", "take a smaller area, or close other tabs"});
  } catch (const std::exception& exception) {
    return answer_error({Code::internal, "core", "no exception", exception.what(), ""});
  }
}

[[nodiscard]] inline Result<Json> request_of(const char* text, std::uint32_t size) { return parse_json({text, size}, "request"); }

}  // namespace fair::web
