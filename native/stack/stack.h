// A stack: which implementation plays each part of the infrastructure. Chosen by configuration alone; the verbs are the same.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace fair::stack {

/// One part of a stack: "kind" says which implementation, the rest is its own.
struct Component {
  std::string kind;
  std::map<std::string, std::string> settings;  ///< as the file has them, numbers and truths as text

  [[nodiscard]] std::string get(const std::string& key, const std::string& otherwise = {}) const;
};

/// Parts: catalog (files | stac-api), artifacts (folder | s3), versions (sqlite | zenml), images (local | registry), tracker (files | mlflow),
/// launcher (process | kubernetes). A part that the file does not name is the local one.
struct Stack {
  std::string name = "local";
  std::filesystem::path file;  ///< where it stands, or "" for the local one
  std::map<std::string, Component> parts{{"catalog", {"files", {}}}, {"artifacts", {"folder", {}}}, {"versions", {"sqlite", {}}},
                                         {"images", {"local", {}}},  {"tracker", {"files", {}}},    {"launcher", {"process", {}}}};

  /// `word` is one of part_names.
  [[nodiscard]] const Component& part(const std::string& word) const;
};
/// In the order people read them.
inline constexpr std::array<const char*, 6> part_names{"catalog", "artifacts", "versions", "images", "tracker", "launcher"};

/// What fair.toml says.
struct Configuration {
  std::filesystem::path file;  ///< "" where there is none
  std::string preferred = "local";
  std::vector<Stack> stacks;  ///< the local one first
};

/// Reads $FAIR_CONFIG, else fair.toml of this folder, of the workspace, of ~/.config/fair-edge: the first that is there. All that is wrong with it is
/// one error, with lines. Unknown parts, kinds and keys are wrong: a misspelt one must not be the local one silently.
[[nodiscard]] Result<Configuration> read_configuration(const std::filesystem::path& workspace);
/// By name; "": $FAIR_STACK, else the file's `default`, else local. Code::not_found names the ones there are.
[[nodiscard]] Result<Stack> choose(const Configuration& configuration, const std::string& name);

/// The value of a secret: setting `key`_env names a variable, `key`_file a file. "" where neither is set; Code::usage where one is and leads to
/// nothing.
[[nodiscard]] Result<std::string> secret(const Component& component, const std::string& key);

}  // namespace fair::stack
