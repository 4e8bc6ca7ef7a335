#include "native/plugins/share.h"

#include <cstdlib>

namespace fair::plugins {
namespace fs = std::filesystem;

Result<fs::path> share_folder(const std::string& name) {
  fs::path folder;
  std::error_code error;
  if (const char* given = std::getenv("FAIR_SHARE"); given != nullptr && *given != '\0') folder = given;
  else folder = fs::read_symlink("/proc/self/exe", error).parent_path() / ".." / "share" / "fair-edge";
  folder = (folder / name).lexically_normal();
  if (!fs::is_directory(folder, error)) {
    return fail(Code::not_found, folder.string(), "a folder that the package brings", "none",
                "install the package whole, or set FAIR_SHARE to its share/fair-edge");
  }
  return folder;
}

fs::path own_plugins_folder() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0') return fs::path(data) / "fair-edge" / "plugins";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') return fs::path(home) / ".local" / "share" / "fair-edge" / "plugins";
  return {};
}

}  // namespace fair::plugins
