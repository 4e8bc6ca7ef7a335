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
  Object out;
  out.add("code", name(error.code)).add("thing", error.thing).add("expected", error.expected).add("found", error.found).add("hint", error.hint);
  answer_json(out.add("message", error.message()));
  return -1;
}

const std::string& last_answer() { return kept(); }

}  // namespace fair::web
