#include "native/serve/answers.h"

namespace fair::serve {

std::string line_of(const Json& document) { return document.dump(-1, ' ', false, Json::error_handler_t::replace); }

Answer json_answer(int status, const Json& document) { return {status, "application/json", line_of(document), {}, {}}; }

int status_of(const Error& error) {
  switch (error.code) {
    case Code::usage:
    case Code::not_found:
    case Code::invalid:
    case Code::incompatible:
    case Code::unsupported: return 400;
    case Code::conflict: return 409;
    case Code::cancelled: return 499;
    case Code::io: return error.thing.find("://") != std::string::npos ? 400 : 500;
    case Code::internal: break;
  }
  return 500;
}

Answer error_answer(int status, const Error& error) {
  return json_answer(status, {{"error", error.message()},
                              {"code", name(error.code)},
                              {"thing", error.thing},
                              {"expected", error.expected},
                              {"found", error.found},
                              {"hint", error.hint}});
}

Answer error_answer(const Error& error) { return error_answer(status_of(error), error); }

}  // namespace fair::serve
