#include "core/base/error.h"

namespace fair {

std::string Error::message() const {
  std::string text = thing;
  if (!expected.empty()) text += ": expected " + expected;
  if (!found.empty()) text += (expected.empty() ? ": " : ", found ") + found;
  if (!hint.empty()) text += "; " + hint;
  return text;
}

const char* name(Code code) {
  switch (code) {
    case Code::usage: return "usage";
    case Code::not_found: return "not_found";
    case Code::invalid: return "invalid";
    case Code::incompatible: return "incompatible";
    case Code::unsupported: return "unsupported";
    case Code::conflict: return "conflict";
    case Code::io: return "io";
    case Code::cancelled: return "cancelled";
    case Code::internal: return "internal";
  }
  return "internal";
}

}  // namespace fair
