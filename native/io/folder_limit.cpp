#include "native/io/folder_limit.h"

#include <algorithm>
#include <vector>

namespace fair::io {
namespace fs = std::filesystem;

void keep_newest(const fs::path& folder, std::uint64_t most_bytes, const fs::path& keep) {
  struct Kept {
    fs::file_time_type written;
    std::uint64_t bytes;
    fs::path path;
  };
  std::vector<Kept> files;
  std::uint64_t total = 0;
  std::error_code error;
  for (auto at = fs::recursive_directory_iterator(folder, error); !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code gone;  // by another program, meanwhile
    if (!at->is_regular_file(gone)) continue;
    const auto written = at->last_write_time(gone);
    const auto bytes = gone ? 0 : at->file_size(gone);
    if (gone) continue;
    total += bytes;
    if (at->path() != keep) files.push_back({written, bytes, at->path()});
  }
  std::sort(files.begin(), files.end(), [](const Kept& a, const Kept& b) { return a.written < b.written; });
  for (const Kept& file : files) {
    if (total <= most_bytes) return;
    fs::remove(file.path, error);
    total -= file.bytes;
  }
}

}  // namespace fair::io
