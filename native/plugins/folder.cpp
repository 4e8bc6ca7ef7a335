#include "native/plugins/folder.h"

#include <algorithm>

#include "native/io/atomic_file.h"

namespace fair::plugins {
namespace fs = std::filesystem;
namespace {

/// Entries of a folder by name; none where it cannot be read.
std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) out.push_back(at->path());
  std::sort(out.begin(), out.end());
  return out;
}

/// description.json, or the manifest of a plugin without code.
fs::path description_in(const fs::path& given) {
  const fs::path folder = given.lexically_normal();
  std::error_code error;
  if (fs::is_regular_file(folder / "description.json", error)) return (folder / "description.json").lexically_normal();
  const auto found = find_at(folder);
  return found && !found->manifest.code ? found->manifest_path : fs::path();
}

bool is_item(const fs::path& path) {
  if (path.extension() != ".json") return false;
  const auto text = io::read_whole(path, 16U << 20U);
  const auto json = text ? json_from(*text) : std::nullopt;
  return json && json->is_object() && json->value("type", Json()) == "Feature";
}

}  // namespace

bool is_plugin_folder(const fs::path& path) { return !description_in(path).empty(); }

Result<Folder> read_folder(const fs::path& path) {
  Folder out;
  out.path = path.lexically_normal();
  out.description = description_in(path);
  if (out.description.empty()) {
    return fail(Code::not_found, path.string(), "a description.json, or the manifest of a plugin without code", "neither",
                "fair plugins new makes one");
  }
  FAIR_TRY_ASSIGN(const std::string text, io::read_whole(out.description, 1U << 20U));
  FAIR_TRY_ASSIGN(out.text, parse_json(text, out.description.string()));
  FAIR_TRY_ASSIGN(out.manifest, plugin::Manifest::from_json(out.text, out.description.string()));
  for (const char* folder : {"model", "items"}) {
    for (const fs::path& file : entries(out.path / folder)) {
      if (is_item(file)) out.items.push_back(file);
    }
  }
  for (const fs::path& build : entries(out.path)) {
    const auto form = find_at(build / "fair-plugins" / out.manifest.name);
    if (form) out.forms.push_back(*form);
  }
  return out;
}

}  // namespace fair::plugins
