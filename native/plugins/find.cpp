#include "native/plugins/find.h"

#include <algorithm>
#include <cstdlib>

#include "native/io/atomic_file.h"
#include "native/plugins/share.h"

namespace fair::plugins {
namespace fs = std::filesystem;
namespace {

constexpr const char* suffix = ".plugin.json";

bool is_manifest(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::string end = suffix;
  return name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
}

/// Manifests directly in a folder, by name.
std::vector<fs::path> manifests_in(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (is_manifest(it->path())) out.push_back(it->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<Found> read(const fs::path& manifest_path) {
  FAIR_TRY_ASSIGN(const std::string text, io::read_whole(manifest_path, 1U << 20U));
  FAIR_TRY_ASSIGN(const Json json, parse_json(text, manifest_path.string()));
  Found found;
  FAIR_TRY_ASSIGN(found.manifest, plugin::Manifest::from_json(json, manifest_path.string()));
  found.manifest_path = manifest_path;
  if (!found.manifest.code) return found;
  // Only a name: a manifest may not point at files elsewhere.
  const std::string binary = json.contains("binary") && json["binary"].is_string() ? json["binary"].get<std::string>() : found.manifest.name + ".so";
  if (binary.empty() || binary.find('/') != std::string::npos || binary.front() == '.') {
    return fail(Code::invalid, manifest_path.string() + "#/binary", "the name of a file beside the manifest", binary, "put the shared object there");
  }
  found.binary = manifest_path.parent_path() / binary;
  return found;
}

}  // namespace

std::vector<fs::path> plugin_path() {
  std::vector<fs::path> out;
  if (const char* given = std::getenv("FAIR_PLUGIN_PATH")) {
    const std::string all = given;
    for (std::size_t at = 0; at <= all.size();) {
      const std::size_t end = std::min(all.find(':', at), all.size());
      if (end > at) out.emplace_back(all.substr(at, end - at));
      at = end + 1;
    }
  }
  if (const fs::path own = own_plugins_folder(); !own.empty()) out.push_back(own);
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) out.push_back((program.parent_path() / ".." / FAIR_PRIVATE_LIBDIR / "plugins").lexically_normal());
  return out;
}

Search find(const std::vector<fs::path>& folders) {
  Search search;
  const auto take = [&](const fs::path& folder) {
    for (const fs::path& path : manifests_in(folder)) {
      auto found = read(path);
      if (found) {
        search.found.push_back(std::move(*found));
      } else {
        search.refused.push_back(found.error());
      }
    }
  };
  for (const fs::path& folder : folders) {
    take(folder);
    std::vector<fs::path> below;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      if (it->is_directory(error)) below.push_back(it->path());
    }
    std::sort(below.begin(), below.end());
    for (const fs::path& one : below) take(one);
  }
  return search;
}

Result<Found> find_at(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    const auto manifests = manifests_in(path);
    if (manifests.size() == 1) return read(manifests.front());
    return fail(Code::not_found, path.string(), "one <name>.plugin.json", std::to_string(manifests.size()) + " of them",
                manifests.empty() ? "build the plugin with add_model_plugin, which writes it" : "name the manifest itself");
  }
  if (!fs::exists(path, error))
    return fail(Code::not_found, path.string(), "a plugin's manifest, shared object or folder", "nothing there", "check the path");
  if (is_manifest(path)) return read(path);
  const fs::path manifest = fs::path(path).replace_extension(suffix);
  if (!fs::exists(manifest, error)) {
    return fail(Code::not_found, path.string(), "its manifest " + manifest.filename().string() + " beside it", "none",
                "build the plugin with add_model_plugin, which writes it");
  }
  return read(manifest);
}

}  // namespace fair::plugins
