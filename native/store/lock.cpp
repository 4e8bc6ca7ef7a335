#include "native/store/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace fair::store {

Result<std::unique_ptr<Lock>> Lock::take(const std::string& path, double seconds) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0)
    return fail(Code::io, path, "a file that can be written", std::strerror(errno), "make the workspace writable, or name another with --workspace");
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      const std::string why = std::strerror(errno);
      ::close(fd);
      return fail(Code::io, path, "a file that can be locked", why, "keep the workspace on a local disk");
    }
    if (std::chrono::steady_clock::now() > until) {
      char holder[32] = {};
      const ssize_t n = ::pread(fd, holder, sizeof holder - 1, 0);
      ::close(fd);
      return fail(Code::conflict, path, "a catalogue that nobody else is writing",
                  n > 0 ? "process " + std::string(holder, static_cast<std::size_t>(n)) + " is writing" : "another program is writing",
                  "try again when it is done");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const std::string me = std::to_string(::getpid());
  // Only for the other's error text: failing to say who we are is no failure.
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, me.data(), me.size(), 0) < 0) errno = 0;
  return std::unique_ptr<Lock>(new Lock(fd));
}

Lock::~Lock() { ::close(fd_); }

}  // namespace fair::store
