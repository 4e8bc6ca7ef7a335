// The process's environment, by name.
#pragma once

#include <cstdlib>
#include <string>

namespace fair::io {

/// A variable's value; "" where it is not set.
[[nodiscard]] inline std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace fair::io
