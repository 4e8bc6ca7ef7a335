#include "native/serve/job_program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>

namespace fair::serve {
namespace {

constexpr std::size_t longest_out = std::size_t{8} << 20U, kept_err = std::size_t{16} << 10U;

/// Both ends closed when it goes.
struct Pipe {
  std::array<int, 2> ends{-1, -1};
  [[nodiscard]] bool make() { return ::pipe2(ends.data(), O_CLOEXEC) == 0; }
  void close(int end) {
    if (int& descriptor = ends[static_cast<std::size_t>(end)]; descriptor >= 0) ::close(std::exchange(descriptor, -1));
  }
  Pipe() = default;
  ~Pipe() { close(0), close(1); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
};

}  // namespace

Result<ProgramOutcome> run_job_program(const std::string& program, const std::vector<std::string>& words, const std::string& folder,
                                       const std::atomic<bool>& stop, double patience_seconds,
                                       const std::function<void(const std::string&)>& on_line) {
  Pipe out, err;
  if (!out.make() || !err.make()) return fail(Code::io, program, "to be started", std::strerror(errno));
  // Nothing may be allocated between fork and exec: other threads may have held the heap's lock.
  std::vector<char*> arguments{const_cast<char*>("fair")};
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t server = ::getpid(), child = ::fork();
  if (child < 0) return fail(Code::io, program, "to be started", std::strerror(errno));
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != server) ::_exit(127);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int nowhere = ::open("/dev/null", O_RDONLY);
    ::dup2(nowhere, STDIN_FILENO), ::dup2(out.ends[1], STDOUT_FILENO), ::dup2(err.ends[1], STDERR_FILENO);
    if (::chdir(folder.c_str()) == 0) ::execv(program.c_str(), arguments.data());
    ::_exit(127);
  }
  out.close(1), err.close(1);
  ProgramOutcome outcome;
  std::string line;
  std::chrono::steady_clock::time_point last_moment{};
  bool asked = false;
  std::array<pollfd, 2> waiting{{{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}}};
  std::array<char, 4096> buffer{};
  for (int open = 2; open > 0;) {
    if (stop && !asked) {
      asked = true;
      last_moment = std::chrono::steady_clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(patience_seconds * 1000));
      ::kill(child, SIGTERM);
    }
    if (asked && std::chrono::steady_clock::now() > last_moment) ::kill(child, SIGKILL);
    if (::poll(waiting.data(), waiting.size(), 100) <= 0) continue;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].fd < 0 || waiting[i].revents == 0) continue;
      const ssize_t got = ::read(waiting[i].fd, buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        waiting[i].fd = -1;
        --open;
      } else if (i == 0) {
        outcome.out_too_long = outcome.out_too_long || outcome.out.size() + static_cast<std::size_t>(got) > longest_out;
        if (!outcome.out_too_long) outcome.out.append(buffer.data(), static_cast<std::size_t>(got));
      } else {
        outcome.err.append(buffer.data(), static_cast<std::size_t>(got));
        if (outcome.err.size() > 2 * kept_err) outcome.err.erase(0, outcome.err.size() - kept_err);
        for (ssize_t k = 0; k < got; ++k) {
          if (buffer[static_cast<std::size_t>(k)] != '\n') {
            line += buffer[static_cast<std::size_t>(k)];
          } else if (!line.empty()) {
            on_line(std::exchange(line, {}));
          }
        }
      }
    }
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  return outcome;
}

}  // namespace fair::serve
