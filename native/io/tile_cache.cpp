#include "native/io/tile_cache.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "native/io/content_hash.h"
#include "native/io/folder_limit.h"

namespace fair::io {
namespace fs = std::filesystem;

TileCache::TileCache(fs::path folder, std::uint64_t most_bytes, std::chrono::hours keep)
    : folder_(most_bytes > 0 ? std::move(folder) : fs::path()), most_bytes_(most_bytes), keep_(keep), unchecked_bytes_(most_bytes) {
  if (folder_.empty()) return;
  std::error_code error;
  fs::create_directories(folder_, error);
  // Imagery that somebody pays for, or is alone in seeing, is not for every user of the machine.
  if (!error) fs::permissions(folder_, fs::perms::owner_all, error);
  if (error) folder_.clear();
}

fs::path TileCache::usual_folder() {
  const auto from = [](const char* variable) -> fs::path {
    const char* value = std::getenv(variable);
    return value != nullptr && *value == '/' ? fs::path(value) : fs::path();
  };
  if (const fs::path cache = from("XDG_CACHE_HOME"); !cache.empty()) return cache / "fair-edge" / "tiles";
  if (const fs::path home = from("HOME"); !home.empty()) return home / ".cache" / "fair-edge" / "tiles";
  return {};
}

fs::path TileCache::file_of(const std::string& address) const {
  char name[40];
  // An address may hold somebody's key; its hash does not tell it.
  std::snprintf(name, sizeof name, "%016llx%016llx", static_cast<unsigned long long>(content_hash(address.data(), address.size(), 1)),
                static_cast<unsigned long long>(content_hash(address.data(), address.size(), 2)));
  return folder_ / std::string(name, 2) / name;
}

std::optional<std::string> TileCache::find(const std::string& address) {
  if (folder_.empty()) return std::nullopt;
  const fs::path path = file_of(address);
  std::error_code error;
  const auto written = fs::last_write_time(path, error);
  if (error || fs::file_time_type::clock::now() - written > keep_) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::string body{std::istreambuf_iterator<char>(file), {}};
  if (!file || body.empty()) return std::nullopt;
  return body;
}

void TileCache::keep(const std::string& address, const std::string& body) {
  if (folder_.empty() || body.empty() || body.size() > most_bytes_ / 4) return;
  const fs::path path = file_of(address);
  fs::path hidden;
  {
    const std::lock_guard lock(mutex_);
    unchecked_bytes_ += body.size();
    if (unchecked_bytes_ > most_bytes_ / 8) prune();
    hidden = path.parent_path() / ("." + std::to_string(::getpid()) + "-" + std::to_string(serial_++));
  }
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream file(hidden, std::ios::binary);
  file << body;
  file.close();
  if (file) fs::rename(hidden, path, error);
  if (!file || error) fs::remove(hidden, error);
}

void TileCache::forget(const std::string& address) {
  std::error_code error;
  if (!folder_.empty()) fs::remove(file_of(address), error);
}

/// Removes the oldest until a quarter of the room is free again.
void TileCache::prune() {
  unchecked_bytes_ = 0;
  keep_newest(folder_, most_bytes_ - most_bytes_ / 4);
}

}  // namespace fair::io
