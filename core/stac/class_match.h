// Classes of a dataset and those of a model.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/base/json.h"
#include "core/stac/model_spec.h"

namespace fair::stac {

/// Class value in the dataset -> place among the model's classes. `labelled` is what a packed dataset says, [{name, value} …]: by name where the
/// model has a class of every name, else by value. Values that the model lacks are left out.
[[nodiscard]] std::map<int, std::int64_t> places_of(const Json& labelled, const std::vector<Class>& classes);

}  // namespace fair::stac
