#include <array>

#include "native/versions/version_store.h"

namespace fair::versions {
namespace {

constexpr std::array<const char*, 4> words{"none", "staging", "production", "archived"};

}  // namespace

const char* word(Stage stage) { return words.at(static_cast<std::size_t>(stage)); }

Stage stage_of(const std::string& word) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (word == words.at(i)) return static_cast<Stage>(i);
  }
  return Stage::none;
}

}  // namespace fair::versions
