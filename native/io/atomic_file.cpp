#include "native/io/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace fair::io {
namespace {

tl::unexpected<Error> system_failure(const std::filesystem::path& path, const char* expected, int error) {
  const char* hint = error == ENOSPC || error == EDQUOT || error == EFBIG  ? "free some disk space and try again"
                     : error == EACCES || error == EROFS || error == EPERM ? "choose a folder you may write to"
                     : error == ENOENT                                     ? "create the folder first"
                                                                           : "";
  return fail(error == ENOENT ? Code::not_found : Code::io, path.string(), expected, std::generic_category().message(error), hint);
}

}  // namespace

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& path) {
  static std::atomic<unsigned> serial{0};
  AtomicFile file;
  file.path_ = path;
  std::string hidden(1, '.');
  hidden.append(path.filename().string())
      .append(1, '.')
      .append(std::to_string(getpid()))
      .append(1, '-')
      .append(std::to_string(serial++))
      .append(".part");
  file.hidden_ = path.parent_path() / hidden;
  file.descriptor_ = open(file.hidden_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file.descriptor_ < 0) return system_failure(path, "a file that can be written", errno);
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)), hidden_(std::move(other.hidden_)), descriptor_(other.descriptor_), size_(other.size_) {
  other.descriptor_ = -1;
}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  if (this != &other) {
    discard();
    path_ = std::move(other.path_);
    hidden_ = std::move(other.hidden_);
    descriptor_ = other.descriptor_;
    size_ = other.size_;
    other.descriptor_ = -1;
  }
  return *this;
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard() noexcept {
  if (descriptor_ < 0) return;
  close(descriptor_);
  descriptor_ = -1;
  unlink(hidden_.c_str());
}

Result<> AtomicFile::write(const void* data, std::size_t size) {
  const char* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t done = ::write(descriptor_, bytes, size);
    if (done < 0) {
      if (errno == EINTR) continue;
      return system_failure(path_, "room to write", errno);
    }
    bytes += done;
    size -= static_cast<std::size_t>(done);
    size_ += static_cast<std::uint64_t>(done);
  }
  return {};
}

Result<> AtomicFile::align(std::size_t alignment) {
  static constexpr std::array<char, 64> zeros{};
  while (const std::size_t over = size_ % alignment) {
    FAIR_TRY(write(zeros.data(), std::min(zeros.size(), alignment - over)));
  }
  return {};
}

Result<> AtomicFile::commit() {
  if (fsync(descriptor_) != 0) return system_failure(path_, "data safely on the disk", errno);
  if (rename(hidden_.c_str(), path_.c_str()) != 0) return system_failure(path_, "a name that can be given", errno);
  close(descriptor_);
  descriptor_ = -1;
  const auto folder = path_.has_parent_path() ? path_.parent_path() : std::filesystem::path(".");
  // Best effort: some file systems refuse to flush a folder, and the file itself is already safe.
  if (const int handle = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); handle >= 0) {
    fsync(handle);
    close(handle);
  }
  return {};
}

Result<> write_whole(const std::filesystem::path& path, std::string_view text) {
  FAIR_TRY_ASSIGN(auto file, AtomicFile::create(path));
  FAIR_TRY(file.write(text));
  return file.commit();
}

Result<std::string> read_whole(const std::filesystem::path& path, std::uint64_t limit) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return fail(Code::not_found, path.string(), "a file", "nothing there", "check the path");
  if (!std::filesystem::is_regular_file(status))
    return fail(Code::invalid, path.string(), "a file", "something else (a folder or a device)", "check the path");
  const auto size = std::filesystem::file_size(path, error);
  if (error) return fail(Code::io, path.string(), "a file that can be read", error.message());
  if (size > limit) {
    return fail(Code::invalid, path.string(), "at most " + std::to_string(limit) + " bytes", std::to_string(size) + " bytes",
                "check that this is the right file");
  }
  std::string text(size, '\0');
  std::ifstream in(path, std::ios::binary);
  if (!in || !in.read(text.data(), static_cast<std::streamsize>(size))) {
    return fail(Code::io, path.string(), "a file that can be read", in.is_open() ? "it ended early" : "it cannot be opened", "check its permissions");
  }
  return text;
}

}  // namespace fair::io
