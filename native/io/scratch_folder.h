// A folder that goes with whoever made it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

namespace fair::io {

/// Removed again, with all that is in it, unless it is kept.
class ScratchFolder {
 public:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  /// A new one below the system's, which its owner alone can read. Its path is "" where none can be made.
  [[nodiscard]] static ScratchFolder temporary() {
    std::string name = (std::filesystem::temp_directory_path() / "fair-XXXXXX").string();
    return ScratchFolder(::mkdtemp(name.data()) == nullptr ? std::filesystem::path() : std::filesystem::path(name));
  }
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder() {
    std::error_code error;
    if (!path_.empty()) std::filesystem::remove_all(path_, error);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  std::filesystem::path path_;
};

}  // namespace fair::io
