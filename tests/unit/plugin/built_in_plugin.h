// The built-in plugins' items and code, as tests ask for them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "plugins/built_in.h"

namespace fair::test {

inline const plugins::BuiltIn& built_in(const std::string& name) {
  return *std::find_if(plugins::built_in().begin(), plugins::built_in().end(), [&](const plugins::BuiltIn& one) { return one.name == name; });
}

/// What a built-in item says, its properties changed first.
inline stac::ModelSpec spec_of(
    const std::string& id, const std::function<void(Json&)>& change = [](Json&) {}) {
  for (const plugins::BuiltIn& plugin : plugins::built_in()) {
    for (const char* const text : plugin.items) {
      Json json = Json::parse(text);
      if (json["id"] != id) continue;
      change(json["properties"]);
      return *stac::ModelSpec::from_item(*stac::Item::from_json(json, id));
    }
  }
  ADD_FAILURE() << "no built-in item " << id;
  return {};
}

inline std::shared_ptr<plugin::ModelPlugin> instance(const stac::ModelSpec& spec) {
  const auto registry = plugins::built_in_registry();
  EXPECT_TRUE(registry) << registry.error().message();
  auto made = registry->create(spec);
  EXPECT_TRUE(made) << made.error().message();
  return made ? *made : nullptr;
}

/// Of values that live longer.
inline TensorView view(std::vector<float>& values, const std::vector<std::int64_t>& shape) {
  TensorView tensor;
  tensor.data = values.data();
  tensor.rank = static_cast<std::int32_t>(shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i) tensor.shape[i] = shape[i];
  return tensor;
}

}  // namespace fair::test
