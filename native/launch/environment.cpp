#include "native/launch/environment.h"

#include <cstdlib>

namespace fair::launch {

run::Environment environment() {
  return run::Environment::from([](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  });
}

}  // namespace fair::launch
