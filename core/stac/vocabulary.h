// The words fAIr allows as keywords, and how a model's task is called where labels are described.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json.h"

namespace fair::stac {

/// fAIr's vocabulary; `keywords.json` beside fAIr's schemas has the same parts.
struct Vocabulary {
  std::vector<std::string> features;                               ///< building, road …
  std::vector<std::string> tasks;                                  ///< mlm:tasks
  std::vector<std::string> geometries;                             ///< polygon, line, point
  std::vector<std::pair<std::string, std::string>> label_of_task;  ///< mlm:tasks -> label:tasks

  /// The one fAIr publishes.
  [[nodiscard]] static const Vocabulary& fair();
  /// Reads a keywords.json. Errors name `thing`.
  [[nodiscard]] static Result<Vocabulary> from_json(const Json& json, const std::string& thing);

  [[nodiscard]] bool is_feature(std::string_view word) const;
  [[nodiscard]] bool is_task(std::string_view word) const;
  [[nodiscard]] bool is_geometry(std::string_view word) const;
  [[nodiscard]] bool knows(std::string_view word) const { return is_feature(word) || is_task(word) || is_geometry(word); }
  /// What label:tasks calls that task; the word itself where no mapping says otherwise.
  [[nodiscard]] std::string label_task(std::string_view task) const;
  /// All three kinds of word.
  [[nodiscard]] std::vector<std::string> words() const;
};

}  // namespace fair::stac
