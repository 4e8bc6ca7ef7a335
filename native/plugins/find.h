// Where plugins lie, told from their manifests alone: nothing is loaded here.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/plugin/manifest.h"

namespace fair::plugins {

/// A manifest and the shared object it speaks of.
struct Found {
  plugin::Manifest manifest;
  std::filesystem::path manifest_path;  ///< <name>.plugin.json
  std::filesystem::path binary;         ///< beside it; "" of a plugin without code
};

struct Search {
  std::vector<Found> found;    ///< in the order of the folders, then of names
  std::vector<Error> refused;  ///< manifests that cannot be read, with the reason
};

/// Folders to look in: those of FAIR_PLUGIN_PATH, separated by colons, then the person's own (share.h), then the installed one beside this program.
/// Those that do not exist stay in.
[[nodiscard]] std::vector<std::filesystem::path> plugin_path();

/// Every <name>.plugin.json in each folder and in the folders directly below it.
[[nodiscard]] Search find(const std::vector<std::filesystem::path>& folders);

/// One plugin by the path of its manifest, of its shared object, or of the folder that holds both.
[[nodiscard]] Result<Found> find_at(const std::filesystem::path& path);

}  // namespace fair::plugins
