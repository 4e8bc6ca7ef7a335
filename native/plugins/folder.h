// The folder a plugin is developed in, as `fair plugins new` makes it.
#pragma once

#include <filesystem>
#include <vector>

#include "native/plugins/find.h"

namespace fair::plugins {

struct Folder {
  std::filesystem::path path, description;   ///< description.json, or the manifest of a plugin without code
  Json text;                                 ///< what it says
  plugin::Manifest manifest;                 ///< the same, read
  std::vector<std::filesystem::path> items;  ///< STAC items in model/ and items/, by name
  std::vector<Found> forms;                  ///< built: manifests below */fair-plugins/<name>/, by path
};

/// Whether a path is one: a folder with a description.json, or with the manifest of a plugin without code.
[[nodiscard]] bool is_plugin_folder(const std::filesystem::path& path);

/// Errors: no such folder, a description that cannot be read.
[[nodiscard]] Result<Folder> read_folder(const std::filesystem::path& path);

}  // namespace fair::plugins
