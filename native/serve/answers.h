// Answers as this server's routes give them.
#pragma once

#include <string>

#include "core/base/error.h"
#include "core/base/json.h"
#include "native/serve/message.h"

namespace fair::serve {

/// Text of a document on one line; what is no UTF-8 in it is replaced.
[[nodiscard]] std::string line_of(const Json& document);
[[nodiscard]] Answer json_answer(int status, const Json& document);
/// {"error": "<sentence>"} as fAIr's servers give it, with the parts of the sentence beside it.
[[nodiscard]] Answer error_answer(int status, const Error& error);
/// The same with the status that the error's code stands for.
[[nodiscard]] Answer error_answer(const Error& error);
/// 400 for what the request got wrong, unreachable addresses that it names among it; 409 conflict, 499 the client left, 500 for what went wrong here.
[[nodiscard]] int status_of(const Error& error);

}  // namespace fair::serve
