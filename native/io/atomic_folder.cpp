#include "native/io/atomic_folder.h"

#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace fair::io {
namespace fs = std::filesystem;

Result<std::vector<std::string>> write_folder(const fs::path& path, const std::string& hint, const std::function<Result<>(const fs::path&)>& fill) {
  std::error_code error;
  if (fs::exists(path, error)) return fail(Code::conflict, path.string(), "no such folder yet", "one that is there", hint);
  const fs::path hidden = path.parent_path() / ("." + path.filename().string() + ".new-" + std::to_string(::getpid()));
  fs::create_directories(hidden, error);
  if (error) return fail(Code::io, hidden.string(), "a folder to write to", error.message(), "check the permissions and the disk");
  const auto filled = fill(hidden);
  if (filled) fs::rename(hidden, path, error);
  if (!filled || error) {
    std::error_code ignored;
    fs::remove_all(hidden, ignored);
    if (!filled) return fail(filled.error());
    return fail(Code::io, path.string(), "the finished folder in its place", error.message(), "check the permissions and the disk");
  }
  return files_below(path);
}

Result<std::vector<std::string>> files_below(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->is_regular_file(error)) out.push_back(at->path().lexically_relative(folder).string());
  }
  if (error) return fail(Code::io, folder.string(), "a folder that can be read", error.message(), "check its permissions");
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace fair::io
