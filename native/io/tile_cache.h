// Answers of tile servers kept on this disk, within a limit. Private to native/io.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

namespace fair::io {

/// Safe from several threads and programs at once: files appear whole by renaming, and a file that another program removed is merely fetched again.
/// A cache that cannot be written is no cache; nothing here fails.
class TileCache {
 public:
  /// Nothing is kept where `folder` is empty or `most_bytes` is 0. Answers older than `keep` are fetched again.
  TileCache(std::filesystem::path folder, std::uint64_t most_bytes, std::chrono::hours keep = std::chrono::hours(24 * 7));

  [[nodiscard]] std::optional<std::string> find(const std::string& address);
  void keep(const std::string& address, const std::string& body);
  void forget(const std::string& address);

  /// $XDG_CACHE_HOME/fair-edge/tiles, or below ~/.cache; "" where there is neither.
  [[nodiscard]] static std::filesystem::path usual_folder();

 private:
  [[nodiscard]] std::filesystem::path file_of(const std::string& address) const;
  void prune();

  std::filesystem::path folder_;
  std::uint64_t most_bytes_;
  std::chrono::hours keep_;
  std::mutex mutex_;
  std::uint64_t unchecked_bytes_;  ///< written since the folder was last measured
  std::uint64_t serial_ = 0;
};

}  // namespace fair::io
