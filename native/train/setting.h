// Settings read from JSON: of the wanted type, or what is usual.
#pragma once

#include <string>
#include <type_traits>

#include "core/base/json.h"

namespace fair::train {

/// `otherwise` where the key is missing, null or of another type.
template <class T>
[[nodiscard]] T setting(const Json& object, const char* key, T otherwise) {
  if (!object.is_object()) return otherwise;
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return otherwise;
  if constexpr (std::is_same_v<T, std::string>) return found->is_string() ? found->template get<T>() : otherwise;
  else if constexpr (std::is_same_v<T, bool>) return found->is_boolean() ? found->template get<T>() : otherwise;
  else return found->is_number() ? found->template get<T>() : otherwise;
}

}  // namespace fair::train
