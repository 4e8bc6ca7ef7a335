// The one answer JavaScript reads after a call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/error.h"
#include "core/base/json.h"

namespace fair::web {

/// Keeps a call's answer until the next call.
void answer_text(std::string text);
void answer_json(const Json& json);
void answer_bytes(const void* data, std::size_t bytes);
/// Keeps the error as JSON and gives -1.
[[nodiscard]] std::int32_t answer_error(const Error& error);

/// What the last call answered.
[[nodiscard]] const std::string& last_answer();

}  // namespace fair::web
