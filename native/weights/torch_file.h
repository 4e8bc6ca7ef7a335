// Files of torch.save: the zip format since 1.6, and the one before.
#pragma once

#include <string>
#include <string_view>

#include "native/weights/read.h"

namespace fair::weights {

[[nodiscard]] bool looks_like_zip(std::string_view bytes);
[[nodiscard]] bool looks_like_legacy_torch(std::string_view bytes);
/// Throw Refused. `key` as parse_state_dict has it.
[[nodiscard]] StateDict parse_torch_zip(std::string_view bytes, const std::string& thing, const std::string& key);
[[nodiscard]] StateDict parse_torch_legacy(std::string_view bytes, const std::string& thing, const std::string& key);

}  // namespace fair::weights
