// How errors travel inside the readers of this room: thrown where they are found, a value again where a reader ends.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.h"

namespace fair::weights {

struct Refused {
  Error error;
};

[[noreturn]] inline void refuse(Code code, std::string thing, std::string expected, std::string found, std::string hint = {}) {
  throw Refused{Error{code, std::move(thing), std::move(expected), std::move(found), std::move(hint)}};
}

/// The beginning of what a file says, for errors.
[[nodiscard]] inline std::string quoted(std::string_view text) {
  constexpr std::size_t shown = 40;
  std::string out(1, '\'');
  out += text.substr(0, shown);
  out += '\'';
  return out;
}

}  // namespace fair::weights
