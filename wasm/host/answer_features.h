// Features as JavaScript gets them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/vector/geometry.h"

namespace fair::web {

/// Answers GeoJSON features with ",\n" between; gives their number. `output_name` as vector::append_text takes it.
std::int32_t answer_features(const std::vector<vector::Feature>& features, const std::string& output_name);

}  // namespace fair::web
