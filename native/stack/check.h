// Does a stack work: each of its parts reached and tried.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "native/stack/stack.h"
#include "native/store/workspace.h"

namespace fair::stack {

struct Verdict {
  std::string part, kind;
  bool good = false;
  std::string said;  ///< one line: what was tried, or what is wrong and what to do
  double seconds = 0;
};

/// Opens every part and does a round trip: writes, reads and takes away something small. `workspace` plays the local parts. `begin` hears which part
/// is tried next, before it is: a server may keep one waiting.
[[nodiscard]] std::vector<Verdict> check(const Stack& stack, store::Workspace& workspace, const std::function<void(const std::string&)>& begin);

}  // namespace fair::stack
