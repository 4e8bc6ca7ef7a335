// A file that appears whole or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "core/base/error.h"

namespace fair::io {

/// Collects bytes in a hidden file beside `path`; `commit` flushes it to the disk and renames it into place.
/// Destroyed before that, it leaves nothing behind. Errors name the path and the system's reason.
class AtomicFile {
 public:
  [[nodiscard]] static Result<AtomicFile> create(const std::filesystem::path& path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  ~AtomicFile();

  Result<> write(const void* data, std::size_t size);
  Result<> write(std::string_view text) { return write(text.data(), text.size()); }
  /// Fills with zeros up to a multiple of `alignment` bytes.
  Result<> align(std::size_t alignment);
  Result<> commit();

  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  AtomicFile() = default;
  void discard() noexcept;

  std::filesystem::path path_, hidden_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// The whole text at once: create, write, commit.
Result<> write_whole(const std::filesystem::path& path, std::string_view text);

/// The whole file, refused when it is larger than `limit` bytes.
[[nodiscard]] Result<std::string> read_whole(const std::filesystem::path& path, std::uint64_t limit = 256ULL << 20U);

}  // namespace fair::io
