#include "native/store/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace fair::store {
namespace {

tl::unexpected<Error> failed(const std::string& path, const std::string& expected, int code) {
  const std::string hint = code == ENOSPC || code == EDQUOT || code == EFBIG  ? "free disk space and try again"
                           : code == EACCES || code == EROFS || code == EPERM ? "make it writable, or name another workspace with --workspace"
                                                                              : "";
  return fail(code == ENOENT ? Code::not_found : Code::io, path, expected, std::strerror(code), hint);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

class PosixFiles final : public Files {
 public:
  bool exists(const std::string& path) override {
    struct stat about {};
    return ::stat(path.c_str(), &about) == 0;
  }

  Result<std::string> read(const std::string& path) override {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return failed(path, "a file that can be read", errno);
    std::string text;
    char buffer[1 << 16];
    for (;;) {
      const ssize_t n = ::read(file.get(), buffer, sizeof buffer);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failed(path, "a file that can be read", errno);
      if (n == 0) return text;
      text.append(buffer, static_cast<std::size_t>(n));
    }
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
      names.push_back(it->path().filename().string());
    if (error && error != std::errc::no_such_file_or_directory) return failed(folder, "a folder that can be read", error.value());
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<> make_folder(const std::string& path) override {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return failed(path, "a folder that can be made", error.value());
    return {};
  }

  Result<> write(const std::string& path, const std::string& text) override {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.get() < 0) return failed(path, "a file that can be written", errno);
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t n = ::write(file.get(), text.data() + done, text.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failed(path, "a file that can be written", errno);
      done += static_cast<std::size_t>(n);
    }
    return {};
  }

  Result<> sync(const std::string& path) override { return sync_at(path, O_RDONLY); }
  Result<> sync_folder(const std::string& path) override { return sync_at(path, O_RDONLY | O_DIRECTORY); }

  Result<> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failed(to, "a file that can be replaced", errno);
    return {};
  }

  Result<> remove(const std::string& path) override {
    if (::remove(path.c_str()) != 0 && errno != ENOENT) return failed(path, "a file that can be removed", errno);
    return {};
  }

 private:
  static Result<> sync_at(const std::string& path, int flags) {
    const Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
    if (file.get() < 0) return failed(path, "to be written to the disk", errno);
    if (::fsync(file.get()) != 0) return failed(path, "to be written to the disk", errno);
    return {};
  }
};

}  // namespace

std::shared_ptr<Files> posix_files() { return std::make_shared<PosixFiles>(); }

Result<> replace(Files& files, const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  FAIR_TRY(files.write(fresh, text));
  FAIR_TRY(files.sync(fresh));
  FAIR_TRY(files.rename(fresh, path));
  return files.sync_folder(std::filesystem::path(path).parent_path().string());
}

}  // namespace fair::store
