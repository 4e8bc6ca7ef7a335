#include "core/stac/vocabulary.h"

#include <algorithm>

namespace fair::stac {
namespace {

bool contains(const std::vector<std::string>& words, std::string_view word) { return std::find(words.begin(), words.end(), word) != words.end(); }

Result<std::vector<std::string>> words_of(const Json& json, const char* key, const std::string& thing) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_array()) {
    return fail(Code::invalid, thing + "#/" + key, "an array of words", found == json.end() ? "nothing" : found->type_name(),
                "give fAIr's keywords.json");
  }
  std::vector<std::string> words;
  for (const Json& word : *found) {
    if (!word.is_string()) return fail(Code::invalid, thing + "#/" + key, "words", word.dump(), "give fAIr's keywords.json");
    words.push_back(word.get<std::string>());
  }
  return words;
}

}  // namespace

const Vocabulary& Vocabulary::fair() {
  static const Vocabulary vocabulary{{"building", "road", "tree", "water", "landuse"},
                                     {"semantic-segmentation", "instance-segmentation", "object-detection", "classification"},
                                     {"polygon", "line", "point"},
                                     {{"semantic-segmentation", "segmentation"},
                                      {"instance-segmentation", "segmentation"},
                                      {"object-detection", "detection"},
                                      {"classification", "classification"}}};
  return vocabulary;
}

Result<Vocabulary> Vocabulary::from_json(const Json& json, const std::string& thing) {
  if (!json.is_object()) return fail(Code::invalid, thing, "an object", json.type_name(), "give fAIr's keywords.json");
  Vocabulary vocabulary;
  FAIR_TRY_ASSIGN(vocabulary.features, words_of(json, "allowed_keywords", thing));
  FAIR_TRY_ASSIGN(vocabulary.tasks, words_of(json, "allowed_tasks", thing));
  FAIR_TRY_ASSIGN(vocabulary.geometries, words_of(json, "allowed_geometry_types", thing));
  const auto mapping = json.find("task_label_mapping");
  if (mapping == json.end() || !mapping->is_object()) {
    return fail(Code::invalid, thing + "#/task_label_mapping", "an object", "something else", "give fAIr's keywords.json");
  }
  for (const auto& [task, label] : mapping->items()) {
    if (label.is_string()) vocabulary.label_of_task.emplace_back(task, label.get<std::string>());
  }
  return vocabulary;
}

bool Vocabulary::is_feature(std::string_view word) const { return contains(features, word); }
bool Vocabulary::is_task(std::string_view word) const { return contains(tasks, word); }
bool Vocabulary::is_geometry(std::string_view word) const { return contains(geometries, word); }

std::string Vocabulary::label_task(std::string_view task) const {
  for (const auto& [model, label] : label_of_task) {
    if (model == task) return label;
  }
  return std::string(task);
}

std::vector<std::string> Vocabulary::words() const {
  std::vector<std::string> all = features;
  all.insert(all.end(), tasks.begin(), tasks.end());
  all.insert(all.end(), geometries.begin(), geometries.end());
  return all;
}

}  // namespace fair::stac
