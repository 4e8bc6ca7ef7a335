#include "wasm/host/answer.h"

#include <utility>

namespace fair::web {
namespace {

std::string& kept() {
  static std::string answer;
  return answer;
}

}  // namespace

void answer_text(std::string text) { kept() = std::move(text); }

void answer_json(const Json& json) { kept() = json.dump(-1, ' ', false, Json::error_handler_t::replace); }

void answer_bytes(const void* data, std::size_t bytes) { kept().assign(static_cast<const char*>(data), bytes); }

std::int32_t answer_error(const Error& error) {
  answer_json({{"code", name(error.code)},
               {"thing", error.thing},
               {"expected", error.expected},
               {"found", error.found},
               {"hint", error.hint},
               {"message", error.message()}});
  return -1;
}

const std::string& last_answer() { return kept(); }

}  // namespace fair::web
